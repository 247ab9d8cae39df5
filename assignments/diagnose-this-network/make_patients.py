"""Draw the patients anew: ``python assignments/diagnose-this-network/make_patients.py``.

Writes ``patients.json``, which students get, and ``unseen.json`` of ``initlab.grading``, which
they do not. Both follow from ``initlab.grading.clinic.SEED``.
"""

import json
from importlib.resources import files
from pathlib import Path

from initlab.grading import clinic

PATIENTS = Path(__file__).resolve().parent / "patients.json"
UNSEEN = Path(str(files("initlab.grading"))) / "unseen.json"


def text(data) -> str:
    """JSON with one line for each patient, set or list."""
    if isinstance(data, list):
        return "[\n" + ",\n".join(json.dumps(entry) for entry in data) + "\n]"
    parts = (f"{json.dumps(key)}: {entry}" for key, entry in data.items())
    return "{\n" + ",\n".join(parts) + "\n}"


def main() -> None:
    """Write both files."""
    pool = clinic.pool()
    body = {
        "charts": text({name: json.dumps(chart) for name, chart in pool["charts"].items()}),
        "sets": text(pool["sets"]),
        "practice": text({name: json.dumps(one) for name, one in pool["practice"].items()}),
    }
    PATIENTS.write_text(text(body) + "\n", encoding="utf-8")
    UNSEEN.write_text(text(clinic.unseen_pool()) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
