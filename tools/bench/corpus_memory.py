"""How much memory `cram prepare` takes for text many times as large as what repeated substrings may
take."""

import json
import random
import subprocess
import sys
import time
from pathlib import Path


def perturbed(text: str, chance: random.Random) -> str:
    """Every seventh word is another: no near duplicate of the text, but with repeats of it."""
    words = text.split(" ")
    for place in range(chance.randrange(7), len(words), 7):
        words[place] = chance.choice(words)
    return " ".join(words)


def write_copies(texts: list[str], least_bytes: int, file: Path) -> None:
    chance = random.Random(0)
    with open(file, "w", encoding="utf-8") as out:
        while out.tell() < least_bytes:
            for text in texts:
                out.write(json.dumps({"text": perturbed(text, chance)}, ensure_ascii=False) + "\n")


def anonymous_bytes(process: int) -> int:
    """What the process holds that no file backs; 0 when it has ended."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0
    kibibytes = [line.split()[1] for line in status.splitlines() if line.startswith("RssAnon")]
    return int(kibibytes[0]) * 1024 if kibibytes else 0


def run_and_watch(command: list[str]) -> tuple[float, int]:
    """Seconds, and the most that the process held."""
    start = time.perf_counter()
    most = 0
    with subprocess.Popen(command, stdout=sys.stderr) as process:
        while process.poll() is None:
            most = max(most, anonymous_bytes(process.pid))
            time.sleep(0.05)
    if process.returncode:
        raise SystemExit(f"cram ended with exit code {process.returncode}")
    return time.perf_counter() - start, most


def measure(program: Path, texts: list[str], settings: list[str], limit_mib: int, times: int,
            folder: Path) -> dict:
    file = folder / "copies.jsonl"
    write_copies(texts, times * limit_mib << 20, file)
    megabytes = file.stat().st_size / 1e6
    (folder / "memory.yaml").write_text("budget: {steps: 1}\n")
    seconds, most = run_and_watch([
        str(program), "prepare", "--quiet", "--config", str(folder / "memory.yaml"),
        f"data.sources={json.dumps([str(file)])}", f"data.cache={folder / 'memory-cache'}", *settings,
        "selection.substring_bytes=75", f"selection.substring_memory={limit_mib}MiB"])
    return {"memory_limit_mib": limit_mib, "memory_text_mb": round(megabytes),
            "memory_peak_mib": most >> 20, "memory_mb_per_s": round(megabytes / seconds, 1)}
