// SPDX-License-Identifier: Apache-2.0
#include "simulate.hpp"

#include <algorithm>

#include "host_answers.hpp"
#include "machine.hpp"
#include "process.hpp"
#include "sample_bytes.hpp"
#include "tinysparse/base/files.hpp"
#include "tinysparse/deploy/export.hpp"

namespace tinysparse::simulator {

namespace {

constexpr const char* compiler_missing = "avr-g++ is not found; install it with: apt install gcc-avr avr-libc";

} // namespace

std::optional<std::string> missing() {
    const TemporaryFolder folder;
    if (run({"avr-g++", "--version"}, folder.path() + "/output") != 0) return compiler_missing;
    write_file(folder.path() + "/empty.cpp", "#include <avr/io.h>\n");
    if (run({"avr-g++", "-mmcu=atmega328p", "-fsyntax-only", folder.path() + "/empty.cpp"},
            folder.path() + "/output") != 0)
        return "the AVR C library is not found; install it with: apt install avr-libc";
    return std::nullopt;
}

std::string compile(const std::string& folder, const cost::Target& target,
                    const std::vector<std::string>& definitions) {
    std::vector<std::string> words = {"avr-g++"};
    for (const std::string& flag : deploy::avr_flags(target)) words.push_back(flag == "-I." ? "-I" + folder : flag);
    for (const std::string& definition : definitions) words.push_back("-D" + definition);
    const std::string program = folder + "/program.elf", log = folder + "/compiler.log";
    for (const std::string& word : {folder + "/main.cpp", std::string("-o"), program}) words.push_back(word);
    const int status = run(words, log);
    if (status == -1 || status == 127) throw Error(compiler_missing);
    const std::string said = read_file(log, 1 << 24);
    check_linked(said, target);
    if (status != 0 || !said.empty())
        throw Error(text(folder, "/main.cpp: avr-g++ ", status != 0 ? "failed: " : "warns: ", said.substr(0, 2000)));
    return program;
}

Simulation simulate(const fixed::Model& model, const data::Split& split, std::size_t samples,
                    const cost::Target& target, const std::vector<deploy::DeviceHeader>& headers,
                    const std::vector<std::string>& definitions, const std::vector<fixed::Format>& formats) {
    const fixed::Lowered lowered(model.network);
    const fixed::Program program = fixed::encode(lowered, formats.empty() ? cost::formats(lowered) : formats);
    samples = std::min(samples, split.samples);
    if (samples == 0) throw Error("there are no samples to simulate; the split is empty");
    const TemporaryFolder folder;
    deploy::write_export(model, program, &target, folder.path(), "network", headers);
    // The program that takes samples, also on a chip without a serial line, whose export computes the header's sample.
    for (const NamedFile& file : deploy::platform(target).programs("network", target, false))
        write_file(folder.path() + "/" + file.path, file.content, false);
    Machine machine(compile(folder.path(), target, definitions), target);
    HostAnswers host(program, split);

    Simulation result;
    result.samples = samples;
    const std::size_t row_bytes = deploy::row_bytes(model.network);
    std::size_t right = 0;
    for (std::size_t i = 0; i < samples; ++i) {
        const std::size_t index = i * split.samples / samples;
        const auto expected = host.logits(index);
        const Answer answer = machine.run(sample_bytes(model.network, split, index), row_bytes, expected.size());
        if (std::equal(expected.begin(), expected.end(), answer.logits.begin()) && answer.label == host.predicted())
            ++result.identical;
        if (answer.label == split.labels[index]) ++right;
        result.cycles += double(answer.cycles) / double(samples);
    }
    result.accuracy = double(right) / double(samples);
    result.ram_peak = machine.ram_peak();
    result.ram = lowered.layout().plan().bytes() + machine.net_stack();
    result.flash = machine.flash();
    result.milliseconds = result.cycles / double(target.clock) * 1000;
    return result;
}

} // namespace tinysparse::simulator
