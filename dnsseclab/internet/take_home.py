"""Configuration files to take home: BIND or Unbound as the validating resolver of a real home network.

It knows: which lines depend on the home; the files themselves, every line explained, are in homelab/.
It must not know: the toy Internet. What starts the daemons in a lesson is daemon_files.py.
"""

from ipaddress import IPv4Network, ip_address
from pathlib import Path
from string import Template

from ..protocol.names import LabError, show_name, to_name

FILES = {"BIND": "named.conf.options", "Unbound": "unbound.conf"}
FOLDER = Path(__file__).with_name("homelab")


def take_home(
    daemon: str, *, address: str = "192.168.1.53", network: str = "192.168.1.0/24", router: str = "192.168.1.1",
    private: str = "lan",
) -> str:  # fmt: skip
    """Return a configuration for a home network: `print` it, and put it where its first lines say.

    Args:
        daemon: 'BIND' or 'Unbound'.
        address: Of the computer on which it will run, in your network.
        network: Yours, whose computers may ask.
        router: Who knows the names of your home.
        private: Under which name these are.
    Raises:
        LabError: Something is not what it should be; the text says what to write.
    """
    if daemon not in FILES:
        raise LabError(f"There is no configuration for {daemon!r}: choose one of {', '.join(FILES)}.")
    home = _network(network)
    for what, value in (("address", address), ("router", router)):
        _check_inside(what, value, home)
    name = to_name(private)
    if len(name.labels) < 2:
        raise LabError("private='.' is every name there is: write the name of your home, for example 'lan'.")
    text = (FOLDER / FILES[daemon]).read_text(encoding="utf-8")
    return Template(text).substitute(address=address, network=str(home), router=router, private=show_name(name))


def _network(text: str) -> IPv4Network:
    try:
        network = IPv4Network(text)
    except ValueError as error:
        raise LabError(f"network={text!r}: {error}. Write for example '192.168.1.0/24'.") from None
    if not network.is_private or network.is_loopback:
        raise LabError(f"network={text!r} is not a home network: a resolver must not answer the whole Internet.")
    return network


def _check_inside(what: str, value: str, network: IPv4Network) -> None:
    try:
        inside = ip_address(value) in network
    except ValueError as error:
        raise LabError(f"{what}={value!r}: {error}. Write for example '192.168.1.1'.") from None
    if not inside:
        raise LabError(f"{what}={value!r} is not in your network, {network}.")
