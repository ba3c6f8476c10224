#!/usr/bin/python3
"""
test_real.py: the bounded part of the campaign, for `make check`: real programs traced once under strace as well. For each scenario: it
ended as it should, the trace has every socket call that the kernel saw and no other, and the database answers its questions. Skips
a scenario whose program is not installed, with the reason; on CI that is a failure.
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import compare
import scenarios


def main():
    wanted = [s for s in scenarios.ALL if (s.name in sys.argv[1:] if sys.argv[1:] else s.bounded)]
    print(f"1..{3 * len(wanted)}")
    number, failed = 0, 0

    def result(name, lines):
        nonlocal number, failed
        number += 1
        print(f"{'not ok' if lines else 'ok'} {number} - {name}")
        for line in lines:
            print("# " + str(line)[:300])
        failed += bool(lines)
        sys.stdout.flush()

    for scenario in wanted:
        reason = scenario.missing()
        if reason:
            for _ in range(3):
                number += 1
                ci = os.environ.get("CI")
                print(f"{'not ok' if ci else 'ok'} {number} - {scenario.about} # {'SKIP ' if not ci else ''}{reason}")
                failed += bool(ci)
            continue
        outcome = scenario.run()
        ended = [] if outcome.status == 0 and not outcome.error else [f"status {outcome.status} {outcome.error or ''}"] + outcome.output.splitlines()[-6:]
        result(f"{scenario.about}: it works when traced", ended)
        lines = []
        if not outcome.ok() or outcome.compared == 0:
            lines.append(outcome.summary())
            compare.explain(outcome, 4, lines.append)
        result(f"{scenario.about}: every call that the kernel saw, and no other, is in the trace", lines)
        result(f"{scenario.about}: the database tells the story", [] if outcome.error else [line for line in scenario.failures(outcome) if not line.startswith("exit status")])
        compare.dispose(outcome)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
