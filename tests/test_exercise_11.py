"""Exercise 11: likely slips in a rollover's plan lose the points that they should, and say why."""

import exercises

NAME = "11_rollover"
RIGHT = vars(exercises.solution(NAME))


def missed(**wrong):
    """Return the criteria that are missed when these functions are written in another way, with what was said."""
    return exercises.missed(exercises.verdict(NAME, {**RIGHT, **wrong}))


def test_double_signature_is_as_good_a_way_for_the_ksk():
    def roll_ksk(dnskey_ttl, ds_ttl, propagation):
        return [
            ["publish the new key", dnskey_ttl + propagation],
            ["exchange the DS", ds_ttl + propagation],
            ["withdraw the old key", 0],
        ]

    assert missed(roll_ksk=roll_ksk) == {}


def test_whoever_forgets_the_propagation_darkens_somebody():
    found = missed(roll_zsk=lambda dnskey, data, propagation: RIGHT["roll_zsk"](dnskey, data, 0))
    assert set(found) == {"zsk_spares"}
    assert "no signature over the data is by a key of that DNSKEY RRset" in found["zsk_spares"].why


def test_whoever_takes_the_childs_ttl_for_the_parents_darkens_somebody():
    found = missed(roll_ksk=lambda dnskey, ds, propagation: RIGHT["roll_ksk"](dnskey, dnskey, propagation))
    assert "ksk_spares" in found and "no key that the DS names" in found["ksk_spares"].why


def test_signatures_before_the_ds_is_gone_darken_everybody():
    plan = [["withdraw all keys and signatures", 10**6], ["remove the old DS", 0]]
    assert set(missed(go_insecure=lambda *_: plan)) == {"leaving_spares", "nobody_dawdles"}


def test_liberal_algorithm_rollover_suits_all_but_the_strict():
    def liberal(dnskey, data, ds, propagation):
        return [
            ["publish the new key", 0],
            ["sign with both keys", max(dnskey, data) + propagation],
            ["exchange the DS", ds + propagation],
            ["withdraw the old key", dnskey + propagation],
            ["sign with the new key only", 0],
        ]

    assert set(missed(roll_algorithm=liberal)) == {"algorithm_spares_the_strict"}


def test_waiting_for_a_year_is_no_plan():
    def slow(*times):
        return [[step, wait and 31_536_000] for step, wait in RIGHT["roll_zsk"](*times)]

    assert set(missed(roll_zsk=slow)) == {"nobody_dawdles"}


def test_plan_that_does_not_arrive_is_told_what_is_left():
    found = missed(roll_zsk=lambda *times: RIGHT["roll_zsk"](*times)[:-1])
    assert "old ZSK" in found["zsk_arrives"].actual


def test_misspelled_steps_and_other_forms_are_told_apart():
    assert "There is no step 'publish'" in missed(roll_zsk=lambda *_: [["publish", 1]])["zsk_arrives"].actual
    assert "[[step, seconds], ...]" in missed(roll_zsk=lambda *_: [("publish", 1.5)])["zsk_arrives"].expected
