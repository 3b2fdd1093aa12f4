// SPDX-License-Identifier: Apache-2.0
#include "simulate.hpp"

#include <algorithm>

#include "chips.hpp"
#include "host_answers.hpp"
#include "process.hpp"
#include "tinysparse/base/files.hpp"
#include "tinysparse/deploy/channels.hpp"
#include "tinysparse/deploy/export.hpp"

namespace tinysparse::simulator {

namespace {

/// The way to simulate a target; null if there is none.
const Chips* chips(const cost::Target& target) {
    switch (deploy::platform(target).simulator) {
    case deploy::Simulator::simavr:
        return &simavr_chips;
    case deploy::Simulator::emulator:
        return &emulated_chips;
    case deploy::Simulator::none:
        break;
    }
    return nullptr;
}

std::string not_simulated(const cost::Target& target) {
    return text("there is no simulator for ", target.name,
                "; tinysparse export writes a program for it, which tests itself with make test");
}

/// The compiler, or its C library, if it is missing.
std::optional<std::string> compiler_missing(const cost::Target& target) {
    const deploy::Platform& platform = deploy::platform(target);
    // The target's own chip may be one that the compiler does not know.
    const cost::Target& known = *std::find_if(cost::targets.begin(), cost::targets.end(), [&](const auto& listed) {
        return listed.architecture == target.architecture;
    });
    const ScratchFolder folder;
    const std::string compiler(platform.compiler.name);
    if (run_in(folder.path(), {compiler, "--version"}) != 0) return not_found(platform.compiler);
    write_file(folder.path() + "/empty.cpp", text("#include <", platform.library_header, ">\n"), false);
    std::vector<std::string> words = {compiler, "-fsyntax-only"};
    for (const std::string& flag : platform.flags(known)) words.push_back(flag);
    words.push_back("empty.cpp");
    if (run_in(folder.path(), words) != 0)
        return not_found({text("the C library for ", compiler), platform.library_packages});
    return std::nullopt;
}

/// Throws DoesNotFit if the linker says of a region that it is too small, with the bytes asked for.
void check_regions(const std::string& said, const cost::Target& target) {
    const std::string before = "region `", after = "' overflowed by ";
    for (std::size_t at = said.find(before); at != said.npos; at = said.find(before, at + 1)) {
        const std::size_t name = at + before.size(), end = said.find(after, name);
        if (end == said.npos) return;
        const std::string number =
            said.substr(end + after.size(), said.find(' ', end + after.size()) - end - after.size());
        const bool ram = said.substr(name, end - name) == "RAM";
        const std::size_t has = ram ? target.ram : target.flash;
        if (const auto over = parse_number<std::size_t>(number))
            throw DoesNotFit(text("the program takes ", has + *over, " bytes of ", ram ? "RAM" : "flash", ", ",
                                  target.name, " has ", has));
    }
}

} // namespace

std::optional<std::string> missing(const cost::Target& target) {
    const Chips* const simulated = chips(target);
    if (simulated == nullptr) return not_simulated(target);
    if (auto reason = simulated->missing(target)) return reason;
    return compiler_missing(target);
}

std::size_t program_flash(const std::string& folder, const cost::Target& target) {
    const std::string size = replaced(std::string(deploy::platform(target).compiler.name), "g++", "size");
    run_in(folder, {size, "program.elf"});
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
    if (numbers.size() < 3) throw Error(text(size, " does not tell the program's size"));
    return numbers[0] + numbers[1];
}

std::string compile(const std::string& folder, const cost::Target& target,
                    const std::vector<std::string>& definitions) {
    const deploy::Platform& platform = deploy::platform(target);
    const std::string compiler(platform.compiler.name);
    std::vector<std::string> words = {compiler};
    for (const std::string& flag : platform.flags(target)) words.push_back(flag);
    for (const std::string& definition : definitions) words.push_back("-D" + definition);
    for (const NamedFile& file : platform.programs("network", target, false))
        if (file.path.ends_with(".cpp")) words.push_back(file.path);
    // avr-ld says that a program is too large, but not by how much: it links what can be addressed, which is measured.
    const bool avr = target.architecture == cost::Architecture::avr;
    if (avr) words.push_back("-Wl,--defsym=__TEXT_REGION_LENGTH__=8388608");
    words.insert(words.end(), {"-o", "program.elf"});
    const int status = run_in(folder, words);
    if (status == program_not_found) throw Error(not_found(platform.compiler));
    const std::string said = read_file(folder + "/log", 1 << 24);
    check_regions(said, target);
    if (avr && said.find("relocation truncated to fit") != said.npos)
        throw DoesNotFit(text("the program takes more than ", target.flash, " bytes of flash, ", target.name, " has ",
                              target.flash));
    if (status != 0 || !said.empty())
        throw Error(
            text(folder, "/main.cpp: ", compiler, status != 0 ? " failed: " : " warns: ", said.substr(0, 2000)));
    if (const std::size_t flash = avr ? program_flash(folder, target) : 0; flash > target.flash)
        throw DoesNotFit(text("the program takes ", flash, " bytes of flash, ", target.name, " has ", target.flash));
    return folder + "/program.elf";
}

Simulation simulate(const fixed::Model& model, const SampleSource& source, std::size_t samples,
                    const cost::Target& target, const std::vector<std::string>& definitions,
                    const std::vector<fixed::Format>& formats) {
    const data::Split& split = source.split;
    samples = std::min(samples, split.samples);
    if (samples == 0) throw Error("there are no samples to simulate; the split is empty");
    const Chips* const simulated = chips(target);
    if (simulated == nullptr) throw Error(not_simulated(target));
    const fixed::Lowered lowered(model.network);
    const fixed::Program program = fixed::encode(lowered, formats.empty() ? cost::formats(lowered) : formats);
    const ScratchFolder folder;
    deploy::write_export(model, program, target, folder.path(), {.name = "network"});
    const Job job{program, source, samples, target, folder.path(), definitions};
    Simulation result;
    result.samples = samples;
    const std::vector<Answer> answers = simulated->run(job, result);

    HostAnswers host(program, split);
    std::size_t right = 0;
    for (std::size_t i = 0; i < samples; ++i) {
        const auto expected = host.logits(job.index(i));
        const Answer& answer = answers[i];
        result.identical += answer.label == (model.quantities.empty() ? host.predicted() : 0) &&
                            std::equal(expected.begin(), expected.end(), answer.logits.begin(), answer.logits.end());
        right += answer.label == split.labels[job.index(i)];
        result.answers.push_back(answer.label);
        result.logits.insert(result.logits.end(), answer.logits.begin(), answer.logits.end());
    }
    result.accuracy = double(right) / double(samples);
    return result;
}

std::optional<double> conversion_cycles(const fixed::Model& model, const SampleSource& source, std::size_t samples,
                                        const cost::Target& target) {
    const Chips* const simulated = chips(target);
    samples = std::min(samples, source.split.samples);
    if (simulated == nullptr || simulated->conversion == nullptr || samples == 0 || model.channels.empty() ||
        deploy::taken_as_they_are(model.channels))
        return std::nullopt;
    const fixed::Lowered lowered(model.network);
    const fixed::Program program = fixed::encode(lowered, cost::formats(lowered));
    const ScratchFolder folder;
    deploy::write_export(model, program, target, folder.path(), {.name = "network"});
    const std::vector<std::string> definitions;
    return simulated->conversion({program, source, samples, target, folder.path(), definitions}, model.channels);
}

} // namespace tinysparse::simulator
