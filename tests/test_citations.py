"""Every RFC that is cited exists, and somebody has opened it: a slip of the pen in a number fails here."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent

KNOWN = {
    1034: "Domain Names: Concepts and Facilities",
    1035: "Domain Names: Implementation and Specification",
    1122: "Requirements for Internet Hosts: Communication Layers",
    1982: "Serial Number Arithmetic",
    2065: "DNS Security Extensions (1997)",
    2181: "Clarifications to the DNS Specification",
    2308: "Negative Caching of DNS Queries",
    2535: "DNS Security Extensions (1999)",
    3110: "RSA/SHA-1 SIGs and RSA KEYs in the DNS",
    3225: "Indicating Resolver Support of DNSSEC",
    3597: "Handling of Unknown DNS Resource Record Types",
    3833: "Threat Analysis of the DNS",
    3849: "IPv6 Address Prefix Reserved for Documentation",
    4033: "DNS Security Introduction and Requirements",
    4034: "Resource Records for the DNS Security Extensions",
    4035: "Protocol Modifications for the DNS Security Extensions",
    4343: "DNS Case Insensitivity Clarification",
    4470: "Minimally Covering NSEC Records and DNSSEC On-line Signing",
    4471: "Derivation of DNS Name Predecessor and Successor",
    4509: "Use of SHA-256 in DS Records",
    4592: "The Role of Wildcards in the DNS",
    4648: "The Base16, Base32, and Base64 Data Encodings",
    5011: "Automated Updates of DNSSEC Trust Anchors",
    5155: "DNSSEC Hashed Authenticated Denial of Existence",
    5452: "Measures for Making DNS More Resilient against Forged Answers",
    5702: "SHA-2 Algorithms with RSA in DNSKEY and RRSIG Records",
    5737: "IPv4 Address Blocks Reserved for Documentation",
    6604: "xNAME RCODE and Status Bits Clarification",
    6605: "ECDSA for DNSSEC",
    6672: "DNAME Redirection in the DNS",
    6781: "DNSSEC Operational Practices, Version 2",
    6840: "Clarifications and Implementation Notes for DNSSEC",
    6891: "Extension Mechanisms for DNS (EDNS(0))",
    6979: "Deterministic Usage of DSA and ECDSA",
    7344: "Automating DNSSEC Delegation Trust Maintenance",
    7583: "DNSSEC Key Rollover Timing Considerations",
    7646: "Definition and Use of DNSSEC Negative Trust Anchors",
    7766: "DNS Transport over TCP",
    7873: "DNS Cookies",
    7958: "DNSSEC Trust Anchor Publication for the Root Zone",
    8020: "NXDOMAIN: There Really Is Nothing Underneath",
    8078: "Managing DS Records from the Parent via CDS/CDNSKEY",
    8080: "EdDSA for DNSSEC",
    8109: "Initializing a DNS Resolver with Priming Queries",
    8198: "Aggressive Use of DNSSEC-Validated Cache",
    8375: "Special-Use Domain 'home.arpa.'",
    8624: "Algorithm Implementation Requirements and Usage Guidance for DNSSEC",
    8767: "Serving Stale Data to Improve DNS Resiliency",
    8914: "Extended DNS Errors",
    9018: "Interoperable DNS Server Cookies",
    9077: "NSEC and NSEC3: TTLs and Aggressive Use",
    9156: "DNS Query Name Minimisation to Improve Privacy",
    9250: "DNS over Dedicated QUIC Connections",
    9276: "Guidance for NSEC3 Parameter Settings",
    9364: "DNS Security Extensions (BCP 237)",
    9471: "DNS Glue Requirements in Referral Responses",
    9499: "DNS Terminology",
    9520: "Negative Caching of DNS Resolution Failures",
    9567: "DNS Error Reporting",
    9615: "Automatic DNSSEC Bootstrapping",
    9715: "IP Fragmentation Avoidance in DNS over UDP",
    9718: "DNSSEC Trust Anchor Publication for the Root Zone (2025)",
    9824: "Compact Denial of Existence in DNSSEC",
    9904: "DNSSEC Cryptographic Algorithm Recommendation Update Process",
    9905: "Deprecating the Use of SHA-1 in DNSSEC",
    9906: "Deprecating GOST in DNSSEC",
}
FOLDERS = ("dnsseclab", "notebooks", "exercises", "tests")
KINDS = (".py", ".ipynb", ".md", ".js", ".zone", ".html")


def test_every_cited_rfc_is_known() -> None:
    paths = [ROOT / "README.md", *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*"))]
    unknown = {
        f"{path.relative_to(ROOT)}: RFC {number}"
        for path in paths
        if path.suffix in KINDS and ".ipynb_checkpoints" not in path.parts
        for number in re.findall(r"RFC[ \u00a0]?(\d{3,5})\b", path.read_text(encoding="utf-8"))
        if int(number) not in KNOWN
    }
    assert not unknown
