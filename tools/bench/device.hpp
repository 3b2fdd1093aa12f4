// SPDX-License-Identifier: Apache-2.0
// Cycles of the device's kernels on the simulated ATmega328P, everything between the call of a layer's step and its
// return included: fetching weights, loops, biases, requantisation, stores. Each layer is exported as any network is,
// and a small program steps it over a whole picture of random values; its weights are small enough for sums of 16 bits
// unless the name says `wide`. Exact and the same in every run.
#pragma once
#include <string_view>

#include "result.hpp"

namespace tinysparse::bench {

struct DeviceOptions {
    bool only_bounded = false; // measure only what has a bound
    Progress progress{};
};

/// Beginning of programs for the simulated chip: answer() sends a byte in place of a class, no logits, and ends.
inline constexpr std::string_view answering = R"(#include "network.h"
#include <avr/io.h>
static void send(uint8_t byte) {
    while (!(UCSR0A & (1 << UDRE0))) {}
    UDR0 = byte;
}
static void answer(uint8_t byte) {
    UCSR0A = 1 << U2X0;
    UCSR0B = 1 << TXEN0;
    send(0x06);
    send(byte);
    GPIOR0 = 2;
    for (;;) {}
}
)";

/// Cycles per MAC of the kernels in C++ and in assembly, and of a whole network with its RAM.
/// Throws Error without avr-gcc.
Results bench_device(const DeviceOptions& options = {});

} // namespace tinysparse::bench
