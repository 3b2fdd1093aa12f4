// SPDX-License-Identifier: Apache-2.0
// Boards: what their chips have, and what an Arduino sketch leaves of it. Names as in Arduino's boards.txt, with the
// processor as arduino-cli writes it where a board comes with several (pro:cpu=8MHzatmega328). Another board is a text
// file, see parse_target.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/files.hpp"
#include "tinysparse/base/text.hpp"

namespace tinysparse::cost {

enum class Architecture { avr, arm };

struct Target {
    std::string name;
    std::string chip;      ///< As the compiler wants it: avr-gcc's -mmcu, arm-none-eabi-gcc's -mcpu.
    std::size_t flash = 0; ///< Bytes for a sketch, the boot loader taken off.
    std::size_t ram = 0;
    std::uint32_t clock = 0;   ///< Hertz.
    bool multiplies = false;   ///< Has AVR's mul instructions.
    bool arduino_core = false; ///< Sketches carry the Arduino core with its serial line.
    int serial_ports = 0;      ///< Hardware serial ports (USART).
    unsigned upload_baud = 0;  ///< avrdude's -b, the boot loader's speed; 0 where avrdude knows it.
    /// Bytes of an empty sketch that opens the serial line: the core is there whatever the network.
    std::size_t core_flash = 1460, core_ram = 184;
    std::string programmer = "arduino"; ///< avrdude's -c.
    Architecture architecture = Architecture::avr;
    std::string machine = {}; ///< ARM: qemu-system-arm's -M.

    /// Arduino warns where variables take more than 75 % of the memory; the rest is for the stack. A chip of 512 bytes
    /// has none to give away.
    std::size_t default_max_ram() const { return ram <= 512 ? ram : ram * 3 / 4; }
    std::size_t empty_sketch_flash() const { return arduino_core ? core_flash : 0; }
    std::size_t empty_sketch_ram() const { return arduino_core ? core_ram : 0; }
};

inline const std::array targets = {
    Target{"uno", "atmega328p", 32256, 2048, 16000000, true, true, 1},
    Target{"unomini", "atmega328p", 32256, 2048, 16000000, true, true, 1},
    Target{"nano", "atmega328p", 30720, 2048, 16000000, true, true, 1},
    Target{"nano:cpu=atmega168", "atmega168", 14336, 1024, 16000000, true, true, 1, 19200},
    Target{"pro", "atmega328p", 30720, 2048, 16000000, true, true, 1, 57600},
    Target{"pro:cpu=8MHzatmega328", "atmega328p", 30720, 2048, 8000000, true, true, 1, 57600},
    Target{"lilypad", "atmega328p", 30720, 2048, 8000000, true, true, 1, 57600},
    Target{"leonardo", "atmega32u4", 28672, 2560, 16000000, true, true, 1, 57600, 3628, 149, "avr109"},
    Target{"micro", "atmega32u4", 28672, 2560, 16000000, true, true, 1, 57600, 3628, 149, "avr109"},
    Target{"mega2560", "atmega2560", 253952, 8192, 16000000, true, true, 4, 0, 1820, 184, "wiring"},
    Target{"attiny85", "attiny85", 8192, 512, 8000000, false, false, 0, 0, 0, 0, "usbasp"},
    // The chips of the machines that simulate them: the BBC micro:bit, and Arm's MPS2 board with its image AN386.
    Target{"cortex-m0", "cortex-m0", 262144, 16384, 16000000, false, false, 0, 0, 0, 0, "", Architecture::arm,
           "microbit"},
    Target{"cortex-m4", "cortex-m4", 4194304, 4194304, 25000000, false, false, 0, 0, 0, 0, "", Architecture::arm,
           "mps2-an386"},
};

inline std::vector<std::string> target_names() {
    std::vector<std::string> names;
    for (const Target& target : targets) names.push_back(target.name);
    return names;
}

namespace detail {

inline const Target& listed_target(std::string_view name) {
    for (const Target& candidate : targets)
        if (candidate.name == name) return candidate;
    const std::string near = nearest(name, target_names());
    throw Error(
        text("target '", name, "' is not known; ",
             near.empty() ? text("use one of ", join(target_names(), ", ")) : text("did you mean ", near, "?")));
}

/// A target's text file under way: one "key = value" a line.
struct TargetFile {
    std::string_view source;
    std::size_t line = 0;

    Error error(std::string_view what) const { return Error(text(source, " line ", line, ": ", what)); }

    template <class Number> Number number(std::string_view key, std::string_view value, Number low, Number high) const {
        const auto number = parse_number<Number>(value);
        if (!number || *number < low || *number > high)
            throw error(text(key, " is '", value, "'; expected a whole number from ", low, " to ", high));
        return *number;
    }
    bool yes(std::string_view key, std::string_view value) const {
        if (value != "yes" && value != "no") throw error(text(key, " is '", value, "'; expected yes or no"));
        return value == "yes";
    }
    /// Words that end up in Makefiles and command lines.
    std::string word(std::string_view key, std::string_view value) const {
        for (const char c : value)
            if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
                  c == '+' || c == '.'))
                throw error(text(key, " is '", value, "'; use letters, digits and - _ + ."));
        if (value.empty() || value.size() > 60) throw error(text(key, " needs a word of 1 to 60 characters"));
        return std::string(value);
    }

    void set(Target& target, std::string_view key, std::string_view value) const {
        constexpr std::size_t most = std::size_t{1} << 30;
        static const std::vector<std::string> known = {"base",         "name",       "architecture", "chip",
                                                       "flash",        "ram",        "clock",        "multiplies",
                                                       "arduino_core", "core_flash", "core_ram",     "programmer",
                                                       "serial_ports", "machine",    "upload_baud"};
        if (key == "base") {
            try {
                target = listed_target(value);
            } catch (const Error& listed) {
                throw error(text("base: ", listed.what()));
            }
        } else if (key == "name") {
            target.name = word(key, value);
        } else if (key == "architecture") {
            if (value != "avr" && value != "arm") throw error(text(key, " is '", value, "'; expected avr or arm"));
            target.architecture = value == "avr" ? Architecture::avr : Architecture::arm;
        } else if (key == "chip") {
            target.chip = word(key, value);
        } else if (key == "flash") {
            target.flash = number<std::size_t>(key, value, 512, most);
        } else if (key == "ram") {
            target.ram = number<std::size_t>(key, value, 64, most);
        } else if (key == "clock") {
            target.clock = number<std::uint32_t>(key, value, 1000, 4000000000u);
        } else if (key == "multiplies") {
            target.multiplies = yes(key, value);
        } else if (key == "arduino_core") {
            target.arduino_core = yes(key, value);
        } else if (key == "core_flash") {
            target.core_flash = number<std::size_t>(key, value, 0, most);
        } else if (key == "core_ram") {
            target.core_ram = number<std::size_t>(key, value, 0, most);
        } else if (key == "programmer") {
            target.programmer = word(key, value);
        } else if (key == "upload_baud") {
            target.upload_baud = number<unsigned>(key, value, 0, 10000000);
        } else if (key == "serial_ports") {
            target.serial_ports = number<int>(key, value, 0, 16);
        } else if (key == "machine") {
            target.machine = word(key, value);
        } else {
            const std::string near = nearest(key, known);
            throw error(text("'", key, "' is not known; ",
                             near.empty() ? text("use one of ", join(known, ", ")) : text("did you mean ", near, "?")));
        }
    }
};

inline std::string_view trimmed(std::string_view line) {
    const std::size_t first = line.find_first_not_of(" \t\r");
    if (first == line.npos) return {};
    return line.substr(first, line.find_last_not_of(" \t\r") - first + 1);
}

} // namespace detail

/// A board from text: "key = value" lines, # begins a comment. Keys are Target's members with underscores; `base = uno`
/// in the first place takes all of a known board, the lines after it change what differs. Needed are name, and without
/// base architecture, chip, flash, ram and clock. Throws Error with the line.
inline Target parse_target(std::string_view content, std::string_view source) {
    Target target;
    std::set<std::string, std::less<>> given;
    detail::TargetFile file{source};
    for (const std::string& whole : split(content, '\n')) {
        ++file.line;
        const std::string_view line = detail::trimmed(std::string_view(whole).substr(0, whole.find('#')));
        if (line.empty()) continue;
        const std::size_t equals = line.find('=');
        if (equals == line.npos) throw file.error(text("expected key = value, found '", line, "'"));
        const std::string_view key = detail::trimmed(line.substr(0, equals));
        if (key == "base" && !given.empty())
            throw file.error("base must be the first line, others change what it says");
        if (given.contains(key)) throw file.error(text(key, " is given twice"));
        file.set(target, key, detail::trimmed(line.substr(equals + 1)));
        given.emplace(key);
    }
    if (!given.contains("name")) throw Error(text(source, ": name is missing; add a line such as name = myboard"));
    if (!given.contains("base"))
        for (const char* key : {"architecture", "chip", "flash", "ram", "clock"})
            if (!given.contains(key))
                throw Error(text(source, ": ", key, " is missing; add it, or begin with base = uno or another board"));
    return target;
}

/// Whether the word is a file of a board and not a board's name.
inline bool names_target_file(std::string_view word) { return word.find_first_of("./") != word.npos; }

/// The board of that name, or of that file (a word with a point or a slash), which is read once and kept while the
/// program runs. Throws Error with the nearest name, or with all of them.
inline const Target& target(std::string_view name) {
    if (!names_target_file(name)) return detail::listed_target(name);
    static std::mutex mutex;
    static std::list<std::pair<std::string, Target>> read;
    const std::lock_guard lock(mutex);
    for (const auto& [path, own] : read)
        if (path == name) return own;
    const std::string path(name);
    read.emplace_back(path, parse_target(read_file(path, 1 << 16), path));
    return read.back().second;
}

} // namespace tinysparse::cost
