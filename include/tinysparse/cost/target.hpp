// SPDX-License-Identifier: Apache-2.0
// Boards: the resources of their chips and the part of them that an Arduino sketch can use. Names are those of
// Arduino's boards.txt; if a board comes with several processors, the processor follows as arduino-cli writes it
// (pro:cpu=8MHzatmega328). Another board is described by a text file, see parse_target.
#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <list>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tinysparse/base/amount.hpp"
#include "tinysparse/base/error.hpp"
#include "tinysparse/base/files.hpp"
#include "tinysparse/base/hash.hpp"
#include "tinysparse/base/rows.hpp"
#include "tinysparse/base/text.hpp"

namespace tinysparse::cost {

/// host: anything else that a C++11 compiler makes programs for, including this machine.
enum class Architecture { avr, arm, host, count };
/// Names in board files.
inline constexpr Named<Architecture> architectures[] = {
    {Architecture::avr, "avr"}, {Architecture::arm, "arm"}, {Architecture::host, "host"}};
static_assert(has_every_row<&Named<Architecture>::value>(architectures),
              "an architecture has no row, or the rows are in another order than Architecture");

/// Flash or RAM without a limit.
inline constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();

/// A board: its chip, memory and clock, and what its tools must know.
struct Target {
    std::string name;
    Architecture architecture = Architecture::avr;
    std::string chip = {};        ///< The compiler's name: avr-gcc's -mmcu, arm-none-eabi-gcc's -mcpu.
    std::size_t flash = no_limit; ///< Bytes for a sketch, without the boot loader.
    std::size_t ram = no_limit;
    std::uint32_t clock = 0;   ///< Hertz; 0 if not known.
    bool multiplies = false;   ///< Has AVR's mul instructions.
    bool arduino_core = false; ///< Sketches carry the Arduino core with its serial line.
    int serial_ports = 0;      ///< Hardware serial ports (USART).
    unsigned upload_baud = 0;  ///< avrdude's -b, the boot loader's speed; 0 if avrdude knows it.
    /// Bytes of an empty sketch that opens the serial line: every sketch contains the core, whatever the network.
    std::size_t core_flash = 1460, core_ram = 184;
    std::string programmer = "arduino"; ///< avrdude's -c.
    std::string machine = {};           ///< ARM: qemu-system-arm's -M.

    /// Arduino warns if variables take more than 75 % of the memory; the rest is for the stack. On chips of 512 bytes
    /// or less nothing is set aside.
    std::size_t default_max_ram() const { return ram <= 512 || ram == no_limit ? ram : ram * 3 / 4; }
    /// Bytes that an empty Arduino sketch takes; 0 without the Arduino core.
    std::size_t empty_sketch_flash() const { return arduino_core ? core_flash : 0; }
    /// Bytes that the variables of an empty Arduino sketch take.
    std::size_t empty_sketch_ram() const { return arduino_core ? core_ram : 0; }
};

// clang-format off
inline const std::array targets = {
    Target{.name = "uno", .chip = "atmega328p", .flash = 32256, .ram = 2048, .clock = 16000000,
           .multiplies = true, .arduino_core = true, .serial_ports = 1},
    Target{.name = "unomini", .chip = "atmega328p", .flash = 32256, .ram = 2048, .clock = 16000000,
           .multiplies = true, .arduino_core = true, .serial_ports = 1},
    Target{.name = "nano", .chip = "atmega328p", .flash = 30720, .ram = 2048, .clock = 16000000,
           .multiplies = true, .arduino_core = true, .serial_ports = 1},
    Target{.name = "nano:cpu=atmega168", .chip = "atmega168", .flash = 14336, .ram = 1024, .clock = 16000000,
           .multiplies = true, .arduino_core = true, .serial_ports = 1, .upload_baud = 19200},
    Target{.name = "pro", .chip = "atmega328p", .flash = 30720, .ram = 2048, .clock = 16000000,
           .multiplies = true, .arduino_core = true, .serial_ports = 1, .upload_baud = 57600},
    Target{.name = "pro:cpu=8MHzatmega328", .chip = "atmega328p", .flash = 30720, .ram = 2048, .clock = 8000000,
           .multiplies = true, .arduino_core = true, .serial_ports = 1, .upload_baud = 57600},
    Target{.name = "lilypad", .chip = "atmega328p", .flash = 30720, .ram = 2048, .clock = 8000000,
           .multiplies = true, .arduino_core = true, .serial_ports = 1, .upload_baud = 57600},
    Target{.name = "leonardo", .chip = "atmega32u4", .flash = 28672, .ram = 2560, .clock = 16000000,
           .multiplies = true, .arduino_core = true, .serial_ports = 1, .upload_baud = 57600,
           .core_flash = 3628, .core_ram = 149, .programmer = "avr109"},
    Target{.name = "micro", .chip = "atmega32u4", .flash = 28672, .ram = 2560, .clock = 16000000,
           .multiplies = true, .arduino_core = true, .serial_ports = 1, .upload_baud = 57600,
           .core_flash = 3628, .core_ram = 149, .programmer = "avr109"},
    Target{.name = "mega2560", .chip = "atmega2560", .flash = 253952, .ram = 8192, .clock = 16000000,
           .multiplies = true, .arduino_core = true, .serial_ports = 4,
           .core_flash = 1820, .programmer = "wiring"},
    Target{.name = "attiny85", .chip = "attiny85", .flash = 8192, .ram = 512, .clock = 8000000,
           .core_flash = 0, .core_ram = 0, .programmer = "usbasp"},
    // Chips of the machines that simulate them: the BBC micro:bit, and Arm's MPS2 board with its image AN386.
    Target{.name = "cortex-m0", .architecture = Architecture::arm, .chip = "cortex-m0", .flash = 262144, .ram = 16384,
           .clock = 16000000, .machine = "microbit"},
    Target{.name = "cortex-m4", .architecture = Architecture::arm, .chip = "cortex-m4", .flash = 4194304,
           .ram = 4194304, .clock = 25000000, .machine = "mps2-an386"},
    // No board and no limits: a program in C++11 for any machine.
    Target{.name = "none", .architecture = Architecture::host},
};
// clang-format on

/// Whether flash, RAM and cycles of a network on it are predicted: only AVR chips have a cost model.
inline bool predicted(const Target& target) { return target.architecture == Architecture::avr; }

/// Names that --target takes, in the order of the table.
inline std::vector<std::string> target_names() {
    std::vector<std::string> names;
    for (const Target& target : targets) names.push_back(target.name);
    return names;
}

/// Other words for boards, in small letters, and the boards that they may mean.
struct TargetSynonym {
    std::string_view word;  ///< What people write; "_" stands for spaces and hyphens.
    std::string_view names; ///< The boards, as a phrase: "uno, nano or mega2560".
};
inline constexpr TargetSynonym target_synonyms[] = {{"arduino", "uno, nano or mega2560"},
                                                    {"avr", "uno"},
                                                    {"uno_r3", "uno"},
                                                    {"arduino_uno", "uno"},
                                                    {"arduino_nano", "nano"},
                                                    {"arduino_mega", "mega2560"},
                                                    {"promini", "pro"},
                                                    {"digispark", "attiny85"},
                                                    {"microbit", "cortex-m0"},
                                                    {"arm", "cortex-m0 or cortex-m4"},
                                                    {"host", "none"},
                                                    {"pc", "none"}};

/// The boards that an unknown name may mean, for the question "did you mean ...?": those of a synonym, one of a similar
/// name, or those with a chip of this name. Empty if there are none.
inline std::string meant_targets(std::string_view name) {
    constexpr std::size_t whole_chip = 8; // letters of a chip's name that tell which: atmega32 is none of atmega328p's
    const std::string word = replaced(replaced(lower_case(name), " ", "_"), "-", "_");
    for (const TargetSynonym& synonym : target_synonyms)
        if (synonym.word == word) return std::string(synonym.names);
    if (const std::string near = nearest(name, target_names()); !near.empty()) return near;
    std::vector<std::string> boards;
    for (const Target& candidate : targets)
        if (word.size() > whole_chip && candidate.chip.starts_with(word)) boards.push_back(candidate.name);
    if (boards.size() < 2) return join(boards, "");
    const std::string last = boards.back();
    boards.pop_back();
    return text(join(boards, ", "), " or ", last, ", which have this chip");
}

namespace detail {

inline const Target& listed_target(std::string_view name) {
    for (const Target& candidate : targets)
        if (candidate.name == name) return candidate;
    const std::string near = meant_targets(name);
    throw Error(
        text("target '", name, "' is not known; ",
             near.empty() ? text("use one of ", join(target_names(), ", ")) : text("did you mean ", near, "?")));
}

/// A value of a board's file, read as its key requires. All of these throw Error with the line if it has another type.
struct TargetValue {
    std::string_view source;
    std::size_t line = 0;
    std::string_view key = {}, value = {};

    Error error(std::string_view what) const { return Error(text(source, " line ", line, ": ", what)); }

    template <class Number> void number(Number& out, Number low, Number high) const {
        const auto number = parse_number<Number>(value);
        if (!number || *number < low || *number > high)
            throw error(text(key, " is '", value, "'; expected a whole number from ", low, " to ", high));
        out = *number;
    }
    void bytes(std::size_t& out, std::size_t low) const {
        constexpr std::size_t high = std::size_t{1} << 30;
        const auto size = parse_amount(value, bytes_unit);
        if (!size || !(*size >= double(low) && *size <= double(high)) || double(std::size_t(*size)) != *size)
            throw error(text(key, " is '", value, "'; expected a whole number of bytes from ", low, " to ", high,
                             ", such as 2048 or 2KB"));
        out = std::size_t(*size);
    }
    void yes(bool& out) const {
        if (value != "yes" && value != "no") throw error(text(key, " is '", value, "'; expected yes or no"));
        out = value == "yes";
    }
    /// Words that are used in Makefiles and command lines.
    void word(std::string& out) const {
        for (const char c : value)
            if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
                  c == '+' || c == '.'))
                throw error(text(key, " is '", value, "'; use letters, digits and - _ + ."));
        if (value.empty() || value.size() > 60) throw error(text(key, " needs a word of 1 to 60 characters"));
        out = std::string(value);
    }
    void architecture(Architecture& out) const {
        const Named<Architecture>* const found = row_named(architectures, value);
        if (!found) throw error(text(key, " is '", value, "'; expected one of ", join(names_of(architectures), ", ")));
        out = found->value;
    }
    void base(Target& out) const {
        try {
            out = listed_target(value);
        } catch (const Error& listed) {
            throw error(text("base: ", listed.what()));
        }
    }
};

/// The setter of each key of a board's file.
struct TargetKey {
    std::string_view name;
    void (*set)(Target&, const TargetValue&);
};
inline constexpr std::array target_keys = {
    TargetKey{"base", [](Target& target, const TargetValue& value) { value.base(target); }},
    TargetKey{"name", [](Target& target, const TargetValue& value) { value.word(target.name); }},
    TargetKey{"architecture",
              [](Target& target, const TargetValue& value) { value.architecture(target.architecture); }},
    TargetKey{"chip", [](Target& target, const TargetValue& value) { value.word(target.chip); }},
    TargetKey{"flash", [](Target& target, const TargetValue& value) { value.bytes(target.flash, 512); }},
    TargetKey{"ram", [](Target& target, const TargetValue& value) { value.bytes(target.ram, 64); }},
    TargetKey{"clock",
              [](Target& target, const TargetValue& value) { value.number(target.clock, 1000u, 4000000000u); }},
    TargetKey{"multiplies", [](Target& target, const TargetValue& value) { value.yes(target.multiplies); }},
    TargetKey{"arduino_core", [](Target& target, const TargetValue& value) { value.yes(target.arduino_core); }},
    TargetKey{"core_flash", [](Target& target, const TargetValue& value) { value.bytes(target.core_flash, 0); }},
    TargetKey{"core_ram", [](Target& target, const TargetValue& value) { value.bytes(target.core_ram, 0); }},
    TargetKey{"programmer", [](Target& target, const TargetValue& value) { value.word(target.programmer); }},
    TargetKey{"serial_ports",
              [](Target& target, const TargetValue& value) { value.number(target.serial_ports, 0, 16); }},
    TargetKey{"machine", [](Target& target, const TargetValue& value) { value.word(target.machine); }},
    TargetKey{"upload_baud",
              [](Target& target, const TargetValue& value) { value.number(target.upload_baud, 0u, 10000000u); }},
};

inline void set_target(Target& target, const TargetValue& value) {
    std::vector<std::string> known;
    for (const TargetKey& key : target_keys) {
        if (key.name == value.key) return key.set(target, value);
        known.emplace_back(key.name);
    }
    const std::string near = nearest(value.key, known);
    throw value.error(text("'", value.key, "' is not known; ",
                           near.empty() ? text("use one of ", join(known, ", ")) : text("did you mean ", near, "?")));
}

inline std::string_view trimmed(std::string_view line) {
    const std::size_t first = line.find_first_not_of(" \t\r");
    if (first == line.npos) return {};
    return line.substr(first, line.find_last_not_of(" \t\r") - first + 1);
}

} // namespace detail

/// Reads a board from text: "key = value" lines, # begins a comment. Keys are Target's members with underscores. The
/// first line may be `base = uno`, which copies a known board; the lines after it change what differs. Required are
/// name, architecture and, unless the architecture is host, chip, flash, ram and clock. A byte order mark at the
/// beginning is skipped. Throws Error with the line.
inline Target parse_target(std::string_view content, std::string_view source) {
    if (content.find('\0') != content.npos)
        throw Error(text(source, " describes no board: it is not a text file; see docs/devices.md"));
    Target target;
    std::set<std::string, std::less<>> given;
    if (content.starts_with("\xef\xbb\xbf")) content.remove_prefix(3);
    detail::TargetValue file{.source = source};
    for (const std::string& whole : split(content, '\n')) {
        ++file.line;
        const std::string_view line = detail::trimmed(std::string_view(whole).substr(0, whole.find('#')));
        if (line.empty()) continue;
        const std::size_t equals = line.find('=');
        if (equals == line.npos) throw file.error(text("expected key = value, found '", line, "'"));
        file.key = detail::trimmed(line.substr(0, equals));
        file.value = detail::trimmed(line.substr(equals + 1));
        if (file.key == "base" && !given.empty())
            throw file.error("base must be the first line, others change what it says");
        if (given.contains(file.key)) throw file.error(text(file.key, " is given twice"));
        detail::set_target(target, file);
        given.emplace(file.key);
    }
    if (!given.contains("name")) throw Error(text(source, ": name is missing; add a line such as name = myboard"));
    std::vector<std::string_view> missing;
    if (!given.contains("base") && !given.contains("architecture")) missing.push_back("architecture");
    if (target.architecture != Architecture::host) {
        if (target.chip.empty()) missing.push_back("chip");
        if (target.flash == no_limit) missing.push_back("flash");
        if (target.ram == no_limit) missing.push_back("ram");
        if (target.clock == 0) missing.push_back("clock");
    }
    if (!missing.empty())
        throw Error(
            text(source, ": ", missing.front(), " is missing; add it, or begin with base = uno or another board"));
    return target;
}

/// Digest of all properties of a board, so that a run can tell whether it was changed.
inline std::uint64_t digest(const Target& target) {
    Fnv1a64 hash;
    for (const std::string& word : {target.name, target.chip, target.programmer, target.machine})
        hash.update(word + '\n');
    for (const std::uint64_t number :
         {std::uint64_t(target.architecture), std::uint64_t(target.flash), std::uint64_t(target.ram),
          std::uint64_t(target.clock), std::uint64_t(target.multiplies), std::uint64_t(target.arduino_core),
          std::uint64_t(target.serial_ports), std::uint64_t(target.upload_baud), std::uint64_t(target.core_flash),
          std::uint64_t(target.core_ram)})
        hash.update(number);
    return hash.value();
}

/// Whether the word is the path of a board file and not a board's name.
inline bool names_target_file(std::string_view word) { return word.find_first_of("./") != word.npos; }

/// The board of that name, or of that file (a word with a point or a slash), which is read once and kept while the
/// program runs. Throws Error with the nearest name, or with all names.
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
