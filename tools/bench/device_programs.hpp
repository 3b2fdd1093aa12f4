// SPDX-License-Identifier: Apache-2.0
// The programs of `bench device` for the simulated Uno. Each runs one part of an exported network, "network.h", and
// marks the measured stretch by GPIOR0. Words between @ are replaced by numbers.
#pragma once
#include <string_view>

namespace tinysparse::bench {

/// Steps layer 1 of an exported network over a picture that is there already.
inline constexpr std::string_view step_program = R"(typedef network::Layer1 Layer;
static int8_t input[@INPUT@], output[@OUTPUT@];
static int32_t sums[@SUMS@];
static Layer::Count made = 0;
// As in a network, where each layer has a function of its own.
static TINYSPARSE_NOINLINE bool step(Layer::Count rows) {
    const network::mcu::Streams<Layer> streams = {input, rows, nullptr, 0, output, nullptr};
    return @STEP@;
}
int main() {
    uint16_t random = 1;
    for (uint16_t i = 0; i < sizeof input; ++i) {
        random = uint16_t(random * 25173u + 13849u);
        input[i] = int8_t(random >> 9);
    }
    volatile uint8_t rows = Layer::in_height;
    GPIOR0 = 1;
    @BEGIN@
    for (uint16_t i = @COUNT@; i != 0; --i) step(rows);
    GPIOR0 = 0;
    for (uint16_t i = 0; i < sizeof output; ++i) rows = uint8_t(output[i]);
    for (uint8_t i = 0; i < @SUMS@; ++i) rows = uint8_t(sums[i]);
    answer(rows);
}
)";

/// Requantises an array of sums, or, for the time to subtract, only moves their high bytes.
inline constexpr std::string_view requantise_program = R"(static int16_t sums[128];
static int8_t values[128];
TINYSPARSE_FAST_BEGIN
static TINYSPARSE_NOINLINE void all() {
    for (uint8_t i = 0; i < 128; ++i) {
#if REQUANTISES
        values[i] = network::mcu::requantise(sums[i], 7, 0);
#else
        values[i] = int8_t(sums[i] >> 8);
#endif
    }
}
TINYSPARSE_FAST_END
int main() {
    uint16_t random = 1;
    for (uint8_t i = 0; i < 128; ++i) {
        random = uint16_t(random * 25173u + 13849u);
        sums[i] = int16_t(random);
    }
    GPIOR0 = 1;
    all();
    GPIOR0 = 0;
    volatile int8_t read = 0;
    for (uint8_t i = 0; i < 128; ++i) read = values[i];
    answer(uint8_t(read));
}
)";

/// Brings a whole series of random values to int8, averages included.
inline constexpr std::string_view input_program = R"(static int16_t raw[network::input_channels];
static int8_t ring[network::Input::ring * network::Input::channels];
static network::Input::PoolSum sums[network::Input::channels];
int main() {
    uint16_t random = 1;
    for (uint8_t row = 0; row < network::input_height; ++row) {
        for (uint8_t i = 0; i < network::input_channels; ++i) {
            random = uint16_t(random * 25173u + 13849u);
            raw[i] = int16_t(int16_t(random) / 4);
        }
        GPIOR0 = 1;
        network::mcu::input_row<network::Input, const int16_t*>(network::Input(), raw, row, sums, ring);
        GPIOR0 = 0;
    }
    volatile uint8_t read = 0;
    for (uint8_t i = 0; i < sizeof ring; ++i) read = uint8_t(ring[i]);
    answer(read);
}
)";

} // namespace tinysparse::bench
