// SPDX-License-Identifier: Apache-2.0
// Boards: what their chips have, and what an Arduino sketch leaves of it. Names as in Arduino's boards.txt.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/text.hpp"

namespace tinysparse::cost {

struct Target {
    std::string_view name;
    std::string_view chip; ///< As avr-gcc's -mmcu wants it.
    std::size_t flash;     ///< Bytes for a sketch, the boot loader taken off.
    std::size_t ram;
    std::uint32_t clock; ///< Hertz.
    bool multiplies;     ///< Has the mul instructions.
    bool arduino_core;   ///< Sketches carry the Arduino core with its serial line.
    int serial_ports;    ///< Hardware serial ports (USART).

    /// Arduino warns where variables take more than 75 % of the memory; the rest is for the stack. A chip of 512 bytes
    /// has none to give away.
    std::size_t default_max_ram() const { return ram <= 512 ? ram : ram * 3 / 4; }
    /// Bytes of an empty sketch that opens the serial line: the core is there whatever the network.
    std::size_t empty_sketch_flash() const { return arduino_core ? 1460 : 0; }
    std::size_t empty_sketch_ram() const { return arduino_core ? 184 : 0; }
};

inline constexpr std::array targets = {
    Target{"uno", "atmega328p", 32256, 2048, 16000000, true, true, 1},
    Target{"nano", "atmega328p", 30720, 2048, 16000000, true, true, 1},
    Target{"pro", "atmega328p", 30720, 2048, 16000000, true, true, 1},
    Target{"leonardo", "atmega32u4", 28672, 2560, 16000000, true, true, 1},
    Target{"micro", "atmega32u4", 28672, 2560, 16000000, true, true, 1},
    Target{"mega2560", "atmega2560", 253952, 8192, 16000000, true, true, 4},
    Target{"attiny85", "attiny85", 8192, 512, 8000000, false, false, 0},
};

/// The board of that name. Throws Error with the nearest name, or with all of them.
inline const Target& target(std::string_view name) {
    std::vector<std::string> names;
    for (const Target& candidate : targets) {
        if (candidate.name == name) return candidate;
        names.emplace_back(candidate.name);
    }
    const std::string near = nearest(name, names);
    throw Error(text("target '", name, "' is not known; ",
                     near.empty() ? text("use one of ", join(names, ", ")) : text("did you mean ", near, "?")));
}

} // namespace tinysparse::cost
