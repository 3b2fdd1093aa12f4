// SPDX-License-Identifier: Apache-2.0
#include "simulate_arm.hpp"

#include <algorithm>

#include "host_answers.hpp"
#include "process.hpp"
#include "sample_bytes.hpp"
#include "tinysparse/base/files.hpp"
#include "tinysparse/deploy/export.hpp"

namespace tinysparse::simulator {

namespace {

/// Runs words in a folder, its output in FOLDER/log. A program that hangs is ended after ten minutes.
int run_in(const std::string& folder, const std::vector<std::string>& words) {
    std::vector<std::string> all = {"/bin/sh", "-c", "cd \"$0\" && exec timeout 600 \"$@\" < /dev/null", folder};
    all.insert(all.end(), words.begin(), words.end());
    return run(all, folder + "/log");
}

/// .text and .data of a program.
std::size_t flash_of(const std::string& folder) {
    run_in(folder, {"arm-none-eabi-size", "program.elf"});
    std::vector<std::size_t> numbers; // text, data, bss, their sum ... on the second line
    std::string word;
    for (const char c : read_file(folder + "/log")) {
        if (c != ' ' && c != '\t' && c != '\n') {
            word += c;
            continue;
        }
        if (const auto number = parse_number<std::size_t>(word)) numbers.push_back(*number);
        word.clear();
    }
    if (numbers.size() < 3) throw Error("arm-none-eabi-size does not tell the program's size");
    return numbers[0] + numbers[1];
}

void compile(const std::string& folder, const cost::Target& target) {
    std::vector<std::string> words = {"arm-none-eabi-g++"};
    for (const std::string& flag : deploy::arm_flags(target)) words.push_back(flag);
    for (const char* word : {"main.cpp", "startup.cpp", "-o", "program.elf"}) words.push_back(word);
    const int status = run_in(folder, words);
    const std::string log = read_file(folder + "/log");
    check_linked(log, target);
    if (status != 0 || !log.empty()) throw Error(text("arm-none-eabi-g++ does not compile the export cleanly:\n", log));
}

} // namespace

std::optional<std::string> arm_missing() {
    const TemporaryFolder folder;
    write_file(folder.path() + "/empty.cpp", "#include <stdint.h>\nint main() {}\n", false);
    if (run_in(folder.path(), {"arm-none-eabi-g++", "--version"}) != 0)
        return "arm-none-eabi-g++ is not found; install it with: apt install gcc-arm-none-eabi";
    if (run_in(folder.path(), {"arm-none-eabi-g++", "-mcpu=cortex-m0", "-mthumb", "--specs=nano.specs", "-nostartfiles",
                               "empty.cpp", "-o", "empty.elf"}) != 0)
        return "the C library for arm-none-eabi-g++ is not found; install it with: apt install libnewlib-arm-none-eabi "
               "libstdc++-arm-none-eabi-newlib";
    if (run_in(folder.path(), {"qemu-system-arm", "--version"}) != 0)
        return "qemu-system-arm is not found; install it with: apt install qemu-system-arm";
    return std::nullopt;
}

ArmSimulation simulate_arm(const fixed::Model& model, const data::Split& split, std::size_t samples,
                           const cost::Target& target, const std::vector<deploy::DeviceHeader>& headers,
                           const std::vector<fixed::Format>& formats) {
    const fixed::Lowered lowered(model.network);
    const fixed::Program program = fixed::encode(lowered, formats.empty() ? cost::formats(lowered) : formats);
    samples = std::min(samples, split.samples);
    if (samples == 0) throw Error("there are no samples to simulate; the split is empty");
    if (target.machine.empty())
        throw Error(text(target.name, " names no machine of qemu-system-arm; add a line such as machine = mps2-an386"));
    const TemporaryFolder folder;
    deploy::write_export(model, program, &target, folder.path(), "network", headers);
    compile(folder.path(), target);
    std::string bytes;
    for (std::size_t i = 0; i < samples; ++i)
        for (const std::uint8_t byte : sample_bytes(model.network, split, i * split.samples / samples))
            bytes += char(byte);
    write_file(folder.path() + "/samples.bin", bytes, false);
    std::vector<std::string> words = {"qemu-system-arm"};
    for (const std::string& flag : deploy::qemu_flags(target)) words.push_back(flag);
    words.insert(words.end(), {"-kernel", "program.elf"});
    if (const int status = run_in(folder.path(), words); status != 0)
        throw Error(
            text("the program in qemu-system-arm ended with status ", status, ": ", read_file(folder.path() + "/log")));
    const std::string answers = read_file(folder.path() + "/answers.bin");

    HostAnswers host(program, split);
    const std::size_t classes = std::size_t(lowered.layout().plan().classes), answer_bytes = 1 + 4 * classes + 4;
    if (answers.size() != samples * answer_bytes + 8)
        throw Error(text("the program in qemu-system-arm answered ", answers.size(), " bytes, ",
                         samples * answer_bytes + 8, " were due"));
    std::size_t at = 0;
    const auto take = [&](int count) {
        std::uint32_t number = 0;
        for (int i = 0; i < count; ++i) number |= std::uint32_t(std::uint8_t(answers[at++])) << (8 * i);
        return number;
    };
    ArmSimulation result;
    result.samples = samples;
    double right = 0, ticks = 0;
    for (std::size_t i = 0; i < samples; ++i) {
        const std::size_t index = i * split.samples / samples;
        const auto logits = host.logits(index);
        const std::uint32_t label = take(1);
        bool same = label == host.predicted();
        for (const std::int32_t logit : logits) same = std::int32_t(take(4)) == logit && same;
        result.identical += same;
        right += label == split.labels[index];
        ticks += take(4);
    }
    result.accuracy = right / double(samples);
    result.ram_peak = take(4);
    result.ram = take(4);
    result.flash = flash_of(folder.path());
    const double seconds = ticks / double(samples) / target.clock;
    result.instructions = seconds * 1e9 / (1 << deploy::qemu_shift);
    return result;
}

} // namespace tinysparse::simulator
