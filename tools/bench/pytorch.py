# SPDX-License-Identifier: Apache-2.0
# Training steps (forward, backward, Adam; batch 64, one thread) of the networks of `tinysparse bench train` in PyTorch.
# Prints "NAME SAMPLES_PER_SECOND" lines: the fastest of several trials, in processor time. PyTorch multiplies matrices
# with the BLAS that the system has; with Debian's packages install libopenblas0-pthread beside python3-torch, as the
# reference BLAS halves LeNet-5's speed.
import os
import time

os.environ["OPENBLAS_NUM_THREADS"] = "1"

import torch
from torch import nn

BATCH = 64


def tiny():
    return nn.Sequential(
        nn.AvgPool2d(2),
        nn.Conv2d(1, 8, 3), nn.ReLU(),
        nn.Conv2d(8, 8, 3, groups=8), nn.Conv2d(8, 16, 1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 16, 3), nn.ReLU(),
        nn.Flatten(), nn.Linear(16 * 3 * 3, 10))


def lenet():
    return nn.Sequential(
        nn.Conv2d(1, 20, 5), nn.MaxPool2d(2),
        nn.Conv2d(20, 50, 5), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(50 * 4 * 4, 500), nn.ReLU(), nn.Linear(500, 10))


def samples_per_second(network, steps, trials=5):
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-3)
    pictures, labels = torch.rand(BATCH, 1, 28, 28), torch.randint(0, 10, (BATCH,))

    def step():
        optimiser.zero_grad()
        nn.functional.cross_entropy(network(pictures), labels).backward()
        optimiser.step()

    for _ in range(10):
        step()
    best = float("inf")
    for _ in range(trials):
        begin = time.process_time()
        for _ in range(steps):
            step()
        best = min(best, (time.process_time() - begin) / steps)
    return BATCH / best


torch.set_num_threads(1)
torch.manual_seed(1)
print("tiny", samples_per_second(tiny(), 200))
print("lenet", samples_per_second(lenet(), 40))
