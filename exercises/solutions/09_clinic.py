"""A solution of exercise 09 that explains itself: it reads the chart as a doctor does, from the parent down.

Whoever has looked at ten charts may as well write ten lines, {zone: cause}. This one knows none of the zones.
"""

import re
from functools import cache

import dns.dnssec
import dns.name
import dns.rdata
import dns.rrset
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.RRSIG import sigtime_to_posixtime

SUPPORTED = (5, 7, 8, 10, 13, 14, 15, 16)
ZONE_KEY, REVOKED, SECURE_ENTRY_POINT = 0x100, 0x80, 0x01  # bits of a key's flags


class Chart:
    """The records of a chart, where one looks for them; `keys` are (tag, key), `store` is {role: tag}."""

    def __init__(self, zone: str, chart: str):
        self.zone = dns.name.from_text(zone)
        self.now = sigtime_to_posixtime(re.search(r"; now: (\d+)", chart)[1])
        asked, rdtype = re.search(r"; asked: (\S+) (\S+)", chart).groups()
        self.store = {role: int(tag) for role, tag in re.findall(r"; (KSK|ZSK) (\d+)", chart)}
        _, parent, *servers, _ = re.split(r"\n;; .*", chart)
        self.copies = [part for part in servers if "; the same as" not in part]
        above, here = records(parent), records(self.copies[0])  # whether the copies differ is asked first
        self.refused, self.nsec = "REFUSED" in self.copies[0], any(kind == RdataType.NSEC for _, kind, _ in here)
        self.ds = above.get((self.zone, RdataType.DS, 0), ())
        self.ds_rrsigs = above.get((self.zone, RdataType.RRSIG, RdataType.DS), ())
        self.dnskeys = here.get((self.zone, RdataType.DNSKEY, 0), ())
        self.keys = [(dns.dnssec.key_id(key), key) for key in self.dnskeys]
        self.key_rrsigs = here.get((self.zone, RdataType.RRSIG, RdataType.DNSKEY), ())
        owner, kind = dns.name.from_text(asked), RdataType[rdtype]
        self.answer = here.get((owner, kind, 0), ())
        self.rrsigs = here.get((owner, RdataType.RRSIG, kind), ())
        self.ksks = [(tag, key) for tag, key in self.keys if key.flags & SECURE_ENTRY_POINT]


def records(text: str) -> dict:
    """Return RRsets by name, type, and what they cover if they are signatures."""
    found: dict = {}
    for line in re.findall(r"(?m)^[^;\s].*", text):
        name, ttl, _, rdtype, rest = line.split(maxsplit=4)
        rdata = dns.rdata.from_text("IN", rdtype, rest)
        place = dns.name.from_text(name), rdata.rdtype, rdata.covers()
        if place in found:
            found[place].add(rdata)
        else:
            found[place] = dns.rrset.from_rdata(place[0], int(ttl), rdata)
    return found


read = cache(Chart)  # both functions are given the same charts


def cause(zone: str, chart: str) -> str:
    # The servers first, for without them there is nothing to look at. Then the chain, from above: who is not vouched
    # for need not be looked at closer.
    patient = read(zone, chart)
    if patient.refused:
        return "zone not served"
    if len(patient.copies) > 1:
        return "servers out of step"
    return what_the_parent_shows(patient) or what_the_keys_show(patient) or what_the_answer_shows(patient)


def what_the_parent_shows(patient: Chart) -> str:
    if not patient.ds:
        return "no DS"
    if any(rrsig.expiration < patient.now for rrsig in patient.ds_rrsigs):
        return "parent's signature expired"
    if not any(ds.algorithm in SUPPORTED for ds in patient.ds):
        return "unsupported algorithm"
    return ""


def what_the_keys_show(patient: Chart) -> str:
    if not patient.keys:
        return "DS left behind"
    if not all(key.flags & ZONE_KEY for _, key in patient.keys):
        return "Zone Key bit clear"
    if any(key.flags & REVOKED for _, key in patient.keys):
        return "key revoked"
    if not patient.ksks:
        return "KSK not published"
    entries = [tag for tag, key in patient.ksks if any(names(ds, patient.zone, key) for ds in patient.ds)]
    if not entries:
        return "wrong DS"
    if not any(rrsig.key_tag in entries for rrsig in patient.key_rrsigs):
        return "keys not signed by KSK"
    return ""


def names(ds, zone, key) -> bool:
    return ds == dns.dnssec.make_ds(zone, key, ds.digest_type)


def what_the_answer_shows(patient: Chart) -> str:
    if not patient.answer:
        return "" if patient.nsec else "NSEC missing"
    if not patient.rrsigs:
        return "signature missing"
    signature = patient.rrsigs[0]
    if signature.expiration < patient.now:
        return "signatures expired"
    if signature.inception > patient.now:
        return "signatures not yet valid"
    if signature.signer != patient.zone:
        return "wrong signer"
    if signature.key_tag not in [tag for tag, _ in patient.keys]:
        return "ZSK not published"
    try:  # nothing in the fields is wrong: only arithmetic can tell now
        dns.dnssec.validate_rrsig(patient.answer, signature, {patient.zone: patient.dnskeys}, now=patient.now)
    except dns.dnssec.ValidationFailure:
        return "data changed after signing"
    return "nothing is wrong"


def repair(zone: str, chart: str) -> list:
    patient, found = read(zone, chart), cause(zone, chart)
    if found == "nothing is wrong":
        return []
    if found in ("zone not served", "servers out of step"):
        return [["synchronize", zone]]
    if found == "parent's signature expired":
        return [["sign", "example"]]  # it was the parent who did not sign again
    if found in ("wrong DS", "no DS"):
        return [["replace ds", zone]]
    return new_keys(patient, zone, found)


def new_keys(patient: Chart, zone: str, found: str) -> list:
    # Whatever is wrong inside of the zone is over when keys that are good are published, and have signed. What is left
    # to find out: which keys are no good, which are missing, and whether the owner still has them.
    if found == "unsupported algorithm":
        if all(key.algorithm in SUPPORTED for _, key in patient.keys):
            return [["replace ds", zone]]  # the keys are good, and only the DS has a wrong number
        bad = [tag for tag, _ in patient.keys]
    else:
        bad = [tag for tag, key in patient.keys if not key.flags & ZONE_KEY or key.flags & REVOKED]
    steps = [["withdraw", zone, tag] for tag in bad]
    good = [(tag, key) for tag, key in patient.keys if tag not in bad]
    entries = [ds.key_tag for ds in patient.ds]
    for role, bit in (("KSK", 1), ("ZSK", 0)):
        if any(key.flags & SECURE_ENTRY_POINT == bit for _, key in good):
            continue
        kept = patient.store.get(role)
        if kept in bad:
            kept = None
        steps.append(["publish", zone, kept] if kept is not None else ["make key", zone, role])
        if role == "KSK" and kept not in entries:
            steps.append(["replace ds", zone])  # its parent has not heard of this key
    return [*steps, ["sign", zone]]
