// SPDX-License-Identifier: Apache-2.0
// A small deterministic fuzzer: inputs that a reader accepts, changed at random, over and over. Whatever comes out,
// the reader returns or throws Error; any other exception fails the test, a sanitiser sees the rest.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <doctest/doctest.h>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/random.hpp"

namespace fuzzing {

using tinysparse::Random;

/// One change: a bit, a byte or a number replaced, a piece cut out, doubled, inserted, or the end cut off.
inline void mutate_once(std::string& bytes, Random& random) {
    const auto place = [&](std::size_t end) { return std::size_t(random.below(std::uint32_t(end))); };
    if (bytes.empty()) {
        bytes += char(random());
        return;
    }
    const std::size_t at = place(bytes.size());
    const std::size_t length = 1 + place(std::min<std::size_t>(16, bytes.size() - at));
    switch (random.below(8)) {
    case 0:
        bytes[at] = char(bytes[at] ^ (1 << random.below(8)));
        break;
    case 1:
        bytes[at] = char(random());
        break;
    case 2:
        bytes.erase(at, length);
        break;
    case 3:
        bytes.insert(at, bytes.substr(place(bytes.size()), length));
        break;
    case 4:
        bytes.resize(at);
        break;
    case 5: { // a number of 1, 2, 4 or 8 bytes at its limits, in either order of bytes
        constexpr std::uint64_t limits[] = {0,
                                            1,
                                            0x7f,
                                            0x80,
                                            0xff,
                                            0x7fff,
                                            0xffff,
                                            0x7fffffff,
                                            0x80000000,
                                            0xffffffff,
                                            0x7fffffffffffffff,
                                            0xffffffffffffffff};
        const std::uint64_t number = limits[random.below(12)];
        const std::size_t width = std::size_t{1} << random.below(4);
        const bool big = random.chance(0.5);
        for (std::size_t i = 0; i < width && at + i < bytes.size(); ++i)
            bytes[at + i] = char(number >> (8 * (big ? width - 1 - i : i)) & 255);
        break;
    }
    case 6: { // what text formats live by
        constexpr std::string_view marks = "{}[]()\",:;'\\\n\t-+.eE019x=# ";
        bytes[at] = marks[random.below(std::uint32_t(marks.size()))];
        break;
    }
    default:
        bytes.insert(at, length, char(random()));
        break;
    }
}

/// Calls read(bytes) with `rounds` mutants of the inputs, and with every input cut at every byte (long ones at some).
template <class Read> void fuzz(const std::vector<std::string>& inputs, int rounds, Read&& read) {
    int accepted = 0, refused = 0;
    const auto attempt = [&](const std::string& bytes) {
        try {
            read(std::string_view(bytes));
            ++accepted;
        } catch (const tinysparse::Error& error) {
            ++refused;
            if (std::string_view(error.what()).empty()) FAIL("an Error without a sentence");
        } catch (const std::exception& error) {
            FAIL("not an Error: " << error.what());
        }
    };
    for (const std::string& input : inputs) {
        attempt(input);
        const std::size_t step = 1 + input.size() / 500;
        for (std::size_t length = 0; length < input.size(); length += step) attempt(input.substr(0, length));
    }
    CHECK(accepted >= int(inputs.size())); // the inputs are good ones, else the mutants would test little
    for (int round = 0; round < rounds; ++round) {
        Random random(1, "fuzz", std::uint64_t(round));
        std::string bytes = inputs[random.below(std::uint32_t(inputs.size()))];
        for (std::uint32_t changes = 1 + random.below(4); changes > 0; --changes) mutate_once(bytes, random);
        attempt(bytes);
    }
    CHECK(refused > 0);
}

} // namespace fuzzing
