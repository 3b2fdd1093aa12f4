// SPDX-License-Identifier: Apache-2.0
// AVR chips in libsimavr.
#include <algorithm>

#include "chips.hpp"
#include "machine.hpp"
#include "sample_bytes.hpp"
#include "tinysparse/base/files.hpp"
#include "tinysparse/cost/longest.hpp"
#include "tinysparse/deploy/platforms.hpp"

namespace tinysparse::simulator {

namespace {

std::vector<Answer> run_simavr(const Job& job, Simulation& result) {
    // The program that takes samples; an export for a chip without a serial line otherwise computes the header's
    // sample.
    for (const NamedFile& file : deploy::platform(job.target).programs("network", job.target, false))
        write_file(text(job.folder, "/", file.path), file.content, false);
    Machine machine(compile(job.folder, job.target, job.definitions), job.target);
    const fixed::Network& network = job.program.network();
    const fixed::Plan& plan = job.program.layout().plan();
    std::vector<Answer> answers;
    double cycles = 0, slowest = 0;
    for (std::size_t i = 0; i < job.samples; ++i) {
        answers.push_back(machine.run(sample_bytes(network, job.source, job.index(i)), deploy::pieces_of(network).bytes,
                                      std::size_t(plan.classes)));
        cycles += double(answers.back().cycles) / double(job.samples);
        slowest = std::max(slowest, double(answers.back().cycles));
        const ProductTimes& products = answers.back().products;
        result.seen.products = std::max(result.seen.products, double(products.narrow));
        result.seen.negative_products =
            i == 0 ? double(products.negative) : std::min(result.seen.negative_products, double(products.negative));
        result.seen.wide_products = std::max(result.seen.wide_products, double(products.wide));
        result.seen.other_cycles = std::max(result.seen.other_cycles, double(answers.back().cycles - products.cycles));
    }
    result.ram_peak = machine.ram_peak();
    result.ram = plan.bytes() + machine.net_stack();
    if (network.input.camera) result.ram += deploy::pieces_of(network).bytes;
    result.flash = machine.flash();
    result.cycles = cycles;
    result.milliseconds = cycles / double(job.target.clock) * 1000;
    result.slowest_cycles = slowest;
    result.slowest_milliseconds = slowest / double(job.target.clock) * 1000;
    if (job.target.multiplies) return answers;
    result.longest_cycles = cost::longest_cycles(job.program, result.seen);
    if (result.longest_cycles) result.longest_milliseconds = *result.longest_cycles / double(job.target.clock) * 1000;
    return answers;
}

} // namespace

const Chips simavr_chips = {[](const cost::Target&) { return std::optional<std::string>(); }, run_simavr};

} // namespace tinysparse::simulator
