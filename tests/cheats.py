"""Cheats, as a learner would hand them in: what is done when the notebook is loaded, and what each function answers.

`LOAD` runs once, `answer(arguments)` at every call; `lie` is a reply that claims to be right.
"""

FRAME = """
import os, sys, json, time
def load():
{load}
loaded = load()
def answer(*arguments):
    loaded
{answer}
def key_tag(*arguments): return answer(*arguments)
def ds_digest(*arguments): return answer(*arguments)
def named_keys(*arguments): return answer(*arguments)
"""


def cheat(load: str = "pass", answer: str = "return None") -> str:
    """Return a notebook's source that cheats."""
    indented = ("\n".join(f"    {line}" for line in text.strip("\n").splitlines()) for text in (load, answer))
    return FRAME.format(load=(parts := list(indented))[0], answer=parts[1])


EQUAL = """
class Equal({base}):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __hash__(self): return 0
    def __len__(self): return 2
    def __getattr__(self, name): return self
    def __instancecheck__(self, other): return True
return Equal()
"""

# Every one of these must get no point at all.
CHEATS = {
    # values that claim to be equal to anything
    "an object that equals everything": cheat(answer=EQUAL.format(base="object")),
    "a number that equals everything": cheat(answer=EQUAL.format(base="int")),
    "bytes that equal everything": cheat(answer=EQUAL.format(base="bytes")),
    "a list that equals everything": cheat(answer=EQUAL.format(base="list")),
    "a class that lies about its type": cheat(
        answer="""
class Meta(type):
    def __eq__(self, other): return True
    __hash__ = type.__hash__
class Lie(metaclass=Meta):
    __class__ = int
return Lie()"""
    ),
    "a value that pickles to code": cheat(
        answer="""
class Bomb:
    def __reduce__(self): return (os.system, ("echo 10 points",))
return Bomb()"""
    ),
    "text that would be right if evaluated": cheat(answer="return '__import__(\"builtins\").all'"),
    "not a number": cheat(answer="return float('nan')"),
    "lists without a bottom": cheat(
        answer="""
circle = []
circle.append(circle)
return circle"""
    ),
    "half a character": cheat(answer="return '\\ud800' * 3"),
    "an endless number": cheat(answer="return 10 ** 100000"),
    "a generator": cheat(answer="return (each for each in range(10))"),
    # tools that were tampered with
    "builtins patched": cheat("""
import builtins
builtins.isinstance = lambda *_: True
builtins.type = lambda *_: int
builtins.all = builtins.any = lambda *_: True
builtins.len = lambda *_: 1"""),
    "json patched": cheat("""
json.dumps = lambda *_, **__: '{"points": 10, "value": true, "met": true}'
json.loads = lambda *_: {"met": True}"""),
    "random patched": cheat("""
import random
random.random = lambda: 0.5
random.seed = lambda *_: None"""),
    "hashlib patched": cheat("""
import hashlib
class Same:
    def digest(self): return b""
    def hexdigest(self): return ""
hashlib.sha256 = hashlib.new = lambda *_: Same()"""),
    "pytest patched": cheat("""
sys.modules["pytest"] = sys.modules["_pytest"] = sys.modules["unittest"] = json"""),
    "the course's comparison patched": cheat("""
from dnsseclab.grading import plain, asking
plain.same = lambda *_: True
asking.called = asking.unpack = lambda *_: {"value": True}
plain.to_json = lambda *_: True"""),
    "the judge patched": cheat("""
import dnsseclab
for module in ("criteria", "verdicts", "checking"):
    try:
        found = __import__("dnsseclab.grading." + module, fromlist=["x"])
        found.judge = found.Finding = lambda *_: 10
    except Exception:
        pass"""),
    "dnspython patched": cheat("""
import dns.dnssec
dns.dnssec.key_id = lambda *_: 0
dns.dnssec.make_ds = lambda *_: None"""),
    "the import system patched": cheat("""
sys.meta_path.insert(0, None)
sys.path.insert(0, "/tmp")
sys.modules["dnsseclab.grading.criteria"] = json"""),
    "a trace function that rewrites values": cheat("""
def trace(frame, event, argument):
    frame.f_locals["value"] = frame.f_locals["expected"] = 1
    return trace
sys.settrace(trace)"""),
    # leaving
    "sys.exit(0) while loading": cheat("sys.exit(0)"),
    "sys.exit(0) at every call": cheat(answer="sys.exit(0)"),
    "os._exit(0) while loading": cheat("os._exit(0)"),
    "os._exit(0) at every call": cheat(answer="os._exit(0)"),
    "an exception that says that all is well": cheat(
        answer="""
class NotMet(BaseException):
    def __str__(self): return "10 of 10 points"
raise NotMet"""
    ),
    "StopIteration, GeneratorExit, KeyboardInterrupt": cheat(
        answer="""
raise [StopIteration, GeneratorExit, KeyboardInterrupt][len(arguments) % 3]"""
    ),
    "a process that is replaced": cheat(answer="os.execv('/bin/true', ['true'])"),
    "something left for the end": cheat("""
import atexit
class Late:
    def __del__(self): os.write(3, b'{"points": 10}\\n')
atexit.register(print, "10 of 10 points")
sys.late = Late()"""),
    "BaseException caught around everything": cheat(
        answer="""
while True:
    try:
        time.sleep(60)
    except BaseException:
        pass"""
    ),
    "signals ignored": cheat(
        """
import signal
for number in range(1, 65):
    try: signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError): pass""",
        answer="while True: pass",
    ),
    # the result channel
    "a forged result printed": cheat(
        answer="""
print(json.dumps({"value": True, "points": 10, "met": True}), flush=True)
sys.__stdout__.write('{"points": 10}')"""
    ),
    "forged lines written to every descriptor": cheat(
        answer="""
for descriptor in range(64):
    try: os.write(descriptor, b'{"value": {"points": 10}}\\n{"met": true}\\n{"ended": 0}\\n')
    except OSError: pass"""
    ),
    "a flood of forged replies": cheat(
        answer="""
for descriptor in range(3, 64):
    try:
        while True: os.write(descriptor, b'{"value": 1}\\n' * 1000)
    except OSError: pass"""
    ),
    "an endless line": cheat(
        answer="""
for descriptor in range(3, 64):
    try:
        while True: os.write(descriptor, b'{"value": 1' * 100000)
    except OSError: pass"""
    ),
    "the channel closed": cheat("os.closerange(0, 64)"),
    "the channel's commands read away": cheat(
        answer="""
for descriptor in range(3, 64):
    try: os.read(descriptor, 100)
    except OSError: pass"""
    ),
    "objects in JSON that only look plain": cheat(
        answer="""
for descriptor in range(3, 64):
    try: os.write(descriptor, b'{"value": {"bytes": ["00"]}}\\n{"value": {"__class__": "int"}}\\n')
    except OSError: pass"""
    ),
    # looking for the answer
    "frames inspected for what is expected": cheat(
        answer="""
frame = sys._getframe()
while frame:
    for name in ("expected", "secret", "criterion", "tag"):
        if name in frame.f_locals: return frame.f_locals[name]
    frame = frame.f_back"""
    ),
    "gc searched for a criterion": cheat(
        answer="""
import gc
for each in gc.get_objects():
    if type(each).__name__ in ("Criterion", "Exercise", "Mismatch", "Draw"):
        return each.judge(None)"""
    ),
    "the judge called by oneself": cheat(
        "from dnsseclab.grading import check",
        answer="""
return check("06_key_tag", key_tag, ds_digest, named_keys).points""",
    ),
    "solutions imported": cheat(
        """
import dnsseclab
project = os.path.dirname(os.path.dirname(dnsseclab.__file__))
sys.path += [project + "/exercises/solutions", "exercises/solutions", "../exercises/solutions"]
global solution
solution = None
try: solution = __import__("06_key_tag")
except Exception: pass""",
        answer="return solution.key_tag(*arguments)",
    ),
    # bombs
    "time slept away": cheat(answer="time.sleep(3600)"),
    "time burnt": cheat(answer="while True: pass"),
    "time slept while loading": cheat("time.sleep(3600)"),
    "a fork bomb": cheat(answer="while True: os.fork()"),
    "a fork bomb that catches": cheat(
        answer="""
while True:
    try: os.fork()
    except BaseException: pass"""
    ),
    "a process that outlives its parent": cheat(
        answer="""
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        while True:
            for descriptor in range(3, 20):
                try: os.write(descriptor, b'{"value": 1}\\n')
                except OSError: pass
    os._exit(0)"""
    ),
    "a memory bomb": cheat(answer="return b'x' * (1 << 34)"),
    "a memory bomb that grows": cheat(
        answer="""
grown = []
while True: grown.append(bytes(1 << 20))"""
    ),
    "memory dressed up as files": cheat(
        answer="""
kept = []
while True:
    descriptor = os.memfd_create("x")
    kept.append(descriptor)
    while True: os.write(descriptor, bytes(1 << 20))"""
    ),
    "an output bomb": cheat(answer="while True: print('x' * 100000)"),
    "a huge value": cheat(answer="return ['x' * 1000000] * 100"),
    "a file bomb": cheat(
        answer="""
for number in range(100000):
    for folder in ("/tmp", "/", "/dev/shm", "."):
        try: open(f"{folder}/{number}", "wb").write(bytes(1 << 30))
        except OSError: pass"""
    ),
    "a thread bomb": cheat(
        answer="""
import threading
while True: threading.Thread(target=time.sleep, args=(100,)).start()"""
    ),
    "a recursion bomb": cheat(answer="return answer(*arguments)"),
    "a recursion bomb without a limit": cheat("sys.setrecursionlimit(1 << 30)", answer="return answer(*arguments)"),
    "a crash of the interpreter": cheat(
        answer="""
import ctypes
ctypes.string_at(0)"""
    ),
    "a regular expression that never ends": cheat(
        answer="""
import re
re.match("(a+)+$", "a" * 100 + "b")"""
    ),
    "source nested too deep": "x = " + "(" * 5000 + ")" * 5000 + "\n" + cheat(),
    "a constant that takes forever to fold": cheat(answer="return [0] * 10 ** 9"),
    # breaking out
    "everybody killed": cheat(answer="os.kill(-1, 9)"),
    "the parent stopped": cheat(answer="os.kill(os.getppid(), 19)"),
    "the parent killed": cheat(answer="os.kill(os.getppid(), 9)"),
    "root again": cheat(
        answer="""
for call in (os.setuid, os.setgid, os.seteuid):
    try: call(0)
    except OSError: pass
os.chroot("/")"""
    ),
    "a shell": cheat(
        answer="""
import subprocess
return subprocess.run("cat /etc/passwd", shell=True, capture_output=True).stdout"""
    ),
}

# What these find must be nothing: the list that the function returns is empty.
SEARCHES = {
    "files of the project, the class and the system": """
names = {names!r}
found = []
for name in names:
    try: found.append(str(open(name, "rb").read(50)))
    except OSError: pass
return found""",
    "files anywhere with a telling name": """
found = []
for base, folders, files in os.walk("/"):
    if "site-packages" in base: continue
    found += [os.path.join(base, each) for each in [*folders, *files]
              if each in {forbidden!r} or each.endswith(".ipynb")]
return found""",
    "the environment": """
return [name for name in os.environ if name not in ("PYTHONHASHSEED", "LC_ALL", "PWD", "LC_CTYPE")]""",
    "processes of others": """
found = []
for number in range(1, 300):
    for name in ("environ", "cmdline", "mem", "root"):
        try: found.append(str(os.listdir("/proc/%d" % number)))
        except OSError: pass
    if number not in (1, 2, os.getpid(), os.getppid()):
        try: os.kill(number, 0); found.append(number)
        except OSError: pass
return found""",
    "the network": """
import socket
found = []
for family, address in ((socket.AF_INET, ("127.0.0.1", {port})), (socket.AF_INET, ("192.0.2.1", 53))):
    probe = socket.socket(family)
    probe.settimeout(0.3)
    try:
        probe.connect(address)
        found.append(str(address))
    except OSError: pass
try: found.append(socket.gethostbyname("localhost.localdomain"))
except OSError: pass
found += [name for _, name in socket.if_nameindex() if name != "lo"]
return found""",
    "a place to write to": """
found = []
for base, folders, files in os.walk("/"):
    if base.count("/") > 5: continue
    try:
        open(base + "/mine", "w").close()
        found.append(base)
    except OSError: pass
return found""",
    "secrets in memory": """
import gc
gc.unfreeze()
needles = [each[::-1] for each in {backwards!r}]  # or one would find this very line
found = []
for each in gc.get_objects():
    try: text = repr(each) if isinstance(each, (dict, list, tuple, set)) and len(each) < 5000 else ""
    except Exception: text = ""
    if each is not needles: found += [needle for needle in needles if needle in text]
return found""",
    "rights": """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
found = []
if os.getuid() == 0 and {was_root}: found.append("root")
if libc.mount(b"none", b"/dev", b"tmpfs", 0, None) == 0: found.append("mount")
if libc.ptrace(16, 1, 0, 0) == 0: found.append("ptrace of the first process")
try: os.setuid(0); found.append("setuid") if {was_root} else None
except OSError: pass
try: os.setpriority(os.PRIO_PROCESS, 0, -5); found.append("priority")
except OSError: pass
return found""",
}
