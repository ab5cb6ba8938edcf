"""A solution of exercise 12 that explains itself."""


def price(keys: list, signatures: list) -> list:
    checks = failed = 0
    for tag, algorithm, place in signatures:
        for at, key in enumerate(keys):
            if key != [tag, algorithm]:
                continue  # comparing numbers costs nothing; only cryptography does
            checks += 1
            if at == place:
                return [checks, failed]  # one good signature is enough
            failed += 1
    return [checks, failed]


def spend(question: list, limits: list) -> list:
    signature_checks, failed_checks, keys_per_tag, signatures_per_rrset = limits
    checks = failed = 0  # of the whole question: else a chain of many small traps would be one big trap
    for keys, signatures in question:
        holds = False
        for number, (tag, algorithm, place) in enumerate(signatures):
            if number == signatures_per_rrset:
                return [False, checks]
            fitting = [at for at, key in enumerate(keys) if key == [tag, algorithm]]
            for tried, at in enumerate(fitting):
                if tried == keys_per_tag or checks == signature_checks:
                    return [False, checks]  # before the work is done, not after
                checks += 1
                holds = at == place
                if holds:
                    break
                failed += 1
                if failed > failed_checks:
                    return [False, checks]
            if holds:
                break
        if not holds:
            return [False, checks]
    return [True, checks]


def budget(survey: list, multiple: int) -> list:
    # What the dearest question needs on a busy day: one failure, one key and one signature more at each RRset.
    prices = [[price(keys, signatures) for keys, signatures in question] for question in survey]
    rrsets = [rrset for question in survey for rrset in question]
    busy_failures = max(sum(failed for _, failed in each) + len(each) for each in prices)
    busy_checks = max(sum(checks for checks, _ in each) + len(each) for each in prices)
    # The first limit bounds whatever the attacker does with the others. It may be as high as `multiple` times what the
    # dearest question costs today; as each RRset costs a check, room for one more each always lies below twice of that.
    dearest = max(sum(checks for checks, _ in each) for each in prices)
    return [
        min(busy_checks, multiple * dearest),
        busy_failures,
        max(keys.count(key) for keys, _ in rrsets for key in keys) + 1,
        max(len(signatures) for _, signatures in rrsets) + 1,
    ]
