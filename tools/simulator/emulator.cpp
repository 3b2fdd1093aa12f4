// SPDX-License-Identifier: Apache-2.0
// Chips whose program runs in an emulator, which gives it files of this machine: samples.bin and answers.bin, as
// deploy/arm.hpp describes them.
#include <algorithm>

#include "chips.hpp"
#include "process.hpp"
#include "sample_bytes.hpp"
#include "tinysparse/base/files.hpp"
#include "tinysparse/deploy/platforms.hpp"

namespace tinysparse::simulator {

namespace {

/// Runs the program on the samples, bytes one after the other, and returns the bytes of its answers.
std::string answers_to(const std::string& samples, const Job& job, int seconds) {
    const deploy::Platform& platform = deploy::platform(job.target);
    write_file(job.folder + "/samples.bin", samples, false);
    std::vector<std::string> words = {std::string(platform.emulator.name)};
    for (const std::string& flag : platform.emulator_flags(job.target)) words.push_back(flag);
    words.insert(words.end(), {"-kernel", "program.elf"});
    const int status = run_in(job.folder, words, seconds);
    if (status == timed_out)
        throw Error(text("the program in ", platform.emulator.name, " did not end within ", seconds,
                         samples.empty() ? text(" seconds, without a sample to compute; the machine ",
                                                job.target.machine, " must have the memory that ", job.target.name,
                                                " has, and where chip.ld of an export says")
                                         : " seconds; simulate fewer samples"));
    if (status != 0)
        throw Error(text("the program in ", platform.emulator.name, " ended with status ", status, ": ",
                         read_file(job.folder + "/log")));
    return read_file(job.folder + "/answers.bin");
}

std::optional<std::string> emulator_missing(const cost::Target& target) {
    const ScratchFolder folder;
    const deploy::Tool& emulator = deploy::platform(target).emulator;
    if (run_in(folder.path(), {std::string(emulator.name), "--version"}) != 0) return not_found(emulator);
    return std::nullopt;
}

std::vector<Answer> run_emulator(const Job& job, Simulation& result) {
    const fixed::Network& network = job.program.network();
    const deploy::Platform& platform = deploy::platform(job.target);
    if (job.target.machine.empty())
        throw Error(text(job.target.name, " names no machine of ", platform.emulator.name,
                         "; add a line such as machine = mps2-an386"));
    compile(job.folder, job.target, job.definitions);
    answers_to("", job, 10); // on another chip's machine a program may run forever without reaching its first line
    std::string samples;
    for (std::size_t i = 0; i < job.samples; ++i)
        for (const std::uint8_t byte : sample_bytes(network, job.source, job.index(i))) samples += char(byte);
    const std::string bytes = answers_to(samples, job, 600);

    const std::size_t classes = std::size_t(job.program.layout().plan().classes);
    const std::size_t due = job.samples * (1 + 4 * classes + 4) + 8;
    if (bytes.size() != due)
        throw Error(
            text("the program in ", platform.emulator.name, " answered ", bytes.size(), " bytes, ", due, " were due"));
    std::size_t at = 0;
    const auto take = [&](int count) {
        std::uint32_t number = 0;
        for (int i = 0; i < count; ++i) number |= std::uint32_t(std::uint8_t(bytes[at++])) << (8 * i);
        return number;
    };
    std::vector<Answer> answers(job.samples);
    double ticks = 0;
    for (Answer& answer : answers) {
        answer.label = std::uint8_t(take(1));
        for (std::size_t i = 0; i < classes; ++i) answer.logits.push_back(std::int32_t(take(4)));
        answer.cycles = take(4);
        ticks += double(answer.cycles);
    }
    result.ram_peak = take(4);
    result.ram = take(4);
    result.flash = program_flash(job.folder, job.target);
    result.instructions = platform.instructions(ticks / double(job.samples), job.target);
    return answers;
}

} // namespace

const Chips emulated_chips = {emulator_missing, run_emulator};

} // namespace tinysparse::simulator
