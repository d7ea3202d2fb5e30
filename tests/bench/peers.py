#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
"""Times the stages of Stable Diffusion 1 in PyTorch (float32) beside Limn, in turns in the same run; medians.

peers.py LIMN-BENCH-STAGES [--stages unet,decode] [--runs 3] [--threads 2] [--json FILE]
"""

import argparse
import gc
import json
import os
import statistics
import subprocess
import sys
import time

import torch

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import peer_models as models  # noqa: E402

LATENT, PICTURE, TILE, TOKENS = 64, 512, 128, 77
# What Limn calls the stage; the network, and what it is given.
STAGES = {
    'unet': (models.Unet, lambda: (torch.randn(1, 9, LATENT, LATENT), torch.tensor([500.0]), torch.randn(1, TOKENS, 768))),
    'guided': (models.Unet, lambda: (torch.randn(2, 9, LATENT, LATENT), torch.tensor([500.0, 500.0]), torch.randn(2, TOKENS, 768))),
    'decode': (models.decoder, lambda: (torch.randn(1, 4, LATENT, LATENT),)),
    'encode': (models.encoder, lambda: (torch.randn(1, 3, PICTURE, PICTURE),)),
    'text': (models.Text, lambda: (torch.arange(TOKENS)[None] * 611 % 49408,)),
    'upscale': (models.Rrdb, lambda: (torch.randn(1, 3, TILE, TILE),)),
}
ORDERS = {'contiguous': torch.contiguous_format, 'channels-last': torch.channels_last}


class Limn:
    """A stage of Limn's in a process of its own, which runs once for each line that it reads."""

    def __init__(self, program, stage, threads):
        self.process = subprocess.Popen([program, '--serve', '--stages', stage, '--threads', str(threads)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)

    def seconds(self):
        self.process.stdin.write('\n')
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f'Limn ended with {self.process.wait()}')
        return float(line)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Peer:
    """The same in PyTorch, with the order of memory that is faster here, or with the one that is asked for."""

    def __init__(self, make, inputs, order):
        self.network, self.inputs = make().eval(), inputs()
        if order:
            self.order = order
            if self.inputs[0].dim() == 4:
                self.use(ORDERS[order])
            self.seconds()
            return
        plain = min(self.seconds() for _ in range(2))
        self.order = 'contiguous'
        if self.inputs[0].dim() == 4:
            self.use(ORDERS['channels-last'])
            if min(self.seconds() for _ in range(2)) < plain:
                self.order = 'channels-last'
            else:
                self.use(ORDERS['contiguous'])

    def use(self, order):
        self.network = self.network.to(memory_format=order)
        self.inputs = (self.inputs[0].contiguous(memory_format=order), *self.inputs[1:])

    def seconds(self):
        start = time.monotonic()
        self.network(*self.inputs)
        return time.monotonic() - start


def measure(program, stage, runs, threads, order):
    make, inputs = STAGES[stage]
    peer, limn = Peer(make, inputs, order), Limn(program, stage, threads)
    limn.seconds()
    pairs = [(limn.seconds(), peer.seconds()) for _ in range(runs)]
    limn.close()
    ours, theirs = (statistics.median(column) for column in zip(*pairs))
    return {'name': stage, 'limn_seconds': ours, 'pytorch_seconds': theirs, 'times_faster': theirs / ours, 'memory_order': peer.order}


def main():
    parser = argparse.ArgumentParser(description='Times PyTorch beside Limn.')
    parser.add_argument('program')
    parser.add_argument('--stages', default=','.join(STAGES))
    parser.add_argument('--runs', type=int, default=3)
    parser.add_argument('--threads', type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument('--order', choices=ORDERS, help='of PyTorch\'s memory; without this each is tried, which takes four runs more')
    parser.add_argument('--json')
    options = parser.parse_args()
    unknown = [stage for stage in options.stages.split(',') if stage not in STAGES]
    if unknown:
        parser.error(f'there is no stage {unknown[0]}; there are {", ".join(STAGES)}')

    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    machine = f'PyTorch {torch.__version__}, float32, {options.threads} threads'
    print(f"{machine}\n{'':12}{'Limn':>10}{'PyTorch':>10}{'faster by':>12}")
    rows = []
    with torch.inference_mode():
        for stage in options.stages.split(','):
            row = measure(options.program, stage, options.runs, options.threads, options.order)
            rows.append(row)
            print(f"{stage:12}{row['limn_seconds']:8.2f} s{row['pytorch_seconds']:8.2f} s{row['times_faster']:10.2f} x   {row['memory_order']}",
                  flush=True)
            gc.collect()
    if options.json:
        with open(options.json, 'w', encoding='utf-8') as file:
            json.dump({'machine': machine, 'rows': rows}, file, indent=1)


main()
