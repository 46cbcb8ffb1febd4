#!/usr/bin/env python3
"""Random programs about ownership, judged by the compiler and by the oracle.

    tests/fuzz/owngen.py --owncheck build/fuzz/owncheck --count 100000 [--seed 1] [--keep FOLDER]

What the compiler accepts of the programs of ownership_writer.py must run to its end under the oracle
(tests/fuzz/owncheck.c), with every value freed once; what it rejects is run too, to see how often it was right.
Programs that break this are kept, each in a file of its own. Closes with the totals; the exit status is 1 if
one was bad.
"""

import argparse
import collections
import concurrent.futures
import os
import subprocess
import sys
import tempfile

from ownership_writer import write_programs

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'ownership_prelude.k'), encoding='utf-8') as prelude:
    PRELUDE = prelude.read()


def judge(owncheck, seed, count, keep):
    """The outcomes of one file of programs: a Counter of (verdict, code), and the bad ones."""
    programs = write_programs(seed, count)
    with tempfile.NamedTemporaryFile('w', suffix='.k') as file:
        file.write(PRELUDE + '\n' + '\n'.join(programs))
        file.flush()
        done = subprocess.run(['timeout', '30', owncheck, file.name], capture_output=True, text=True,
                              check=False)
    outcomes, bad = collections.Counter(), []
    for line in done.stdout.splitlines():
        words = line.split(maxsplit=2)
        detail = words[2] if len(words) > 2 else ''
        outcomes[(words[1], detail if words[1] in ('fails', 'clean', 'invalid') else '')] += 1
        if words[1] in ('BAD', 'clean'):
            name = f'{words[1].lower()}-{seed}-{words[0]}'
            bad.append((words[1], name, detail, programs[int(words[0][1:])]))
    if done.returncode != 0:
        why = 'it takes too long' if done.returncode == 124 else done.stderr[-2000:]
        bad.append(('CRASH', f'crash-{seed}', why, '\n'.join(programs)))
        outcomes[('CRASH', '')] += 1
    for kind, name, detail, text in bad:
        if keep and (kind != 'clean' or len(os.listdir(keep)) < 400):
            with open(os.path.join(keep, name + '.k'), 'w', encoding='utf-8') as out:
                out.write(''.join(f'# {part}\n' for part in detail.splitlines()) + PRELUDE + '\n' + text)
    return outcomes, [entry for entry in bad if entry[0] != 'clean']


def report(outcomes):
    by_verdict = collections.Counter()
    for (verdict, _), count in outcomes.items():
        by_verdict[verdict] += count
    print('  '.join(f'{verdict} {count}' for verdict, count in sorted(by_verdict.items())))
    rejected = by_verdict['fails'] + by_verdict['clean']
    if rejected:
        share = 100.0 * by_verdict['clean'] / rejected
        print(f'rejected and never failing: {by_verdict["clean"]} of {rejected} ({share:.2f} %)')
    for code in sorted({code for (_, code) in outcomes if code}):
        print(f'  {code}: ' + ', '.join(f'{outcomes[(verdict, code)]} {verdict}'
                                        for verdict in ('fails', 'clean', 'invalid')
                                        if outcomes[(verdict, code)]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
    parser.add_argument('--owncheck', default='build/fuzz/owncheck')
    parser.add_argument('--count', type=int, default=10000)
    parser.add_argument('--batch', type=int, default=100, help='programs in one file')
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--jobs', type=int, default=2)
    parser.add_argument('--keep', help='folder for programs that went wrong')
    parser.add_argument('--show', action='store_true', help='print programs instead')
    options = parser.parse_args()
    if options.show:
        print(PRELUDE + '\n' + '\n'.join(write_programs(options.seed, options.count)))
        return 0
    if options.keep:
        os.makedirs(options.keep, exist_ok=True)
    outcomes, bad = collections.Counter(), []
    seeds = range(options.seed, options.seed + (options.count + options.batch - 1) // options.batch)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for found, wrong in pool.map(
                lambda seed: judge(options.owncheck, seed, options.batch, options.keep), seeds):
            outcomes += found
            bad += wrong
    for kind, name, detail, _ in bad[:20]:
        print(f'{kind} {name}: {detail.splitlines()[-1] if detail else ""}')
    report(outcomes)
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
