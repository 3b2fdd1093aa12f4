// SPDX-License-Identifier: Apache-2.0
// AVR chips in libsimavr.
#include <algorithm>
#include <bit>
#include <span>
#include <utility>

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
    double cycles = 0, slowest = 0, slowest_row = 0;
    for (std::size_t i = 0; i < job.samples; ++i) {
        answers.push_back(machine.run(sample_bytes(network, job.source, job.index(i)), deploy::pieces_of(network).bytes,
                                      std::size_t(plan.classes)));
        cycles += double(answers.back().cycles) / double(job.samples);
        slowest = std::max(slowest, double(answers.back().cycles));
        slowest_row = std::max(slowest_row, double(answers.back().slowest_row));
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
    if (!network.input.camera) {
        result.slowest_row_cycles = slowest_row;
        result.slowest_row_milliseconds = slowest_row / double(job.target.clock) * 1000;
    }
    if (job.target.multiplies) return answers;
    result.longest_cycles = cost::longest_cycles(job.program, result.seen);
    if (result.longest_cycles) result.longest_milliseconds = *result.longest_cycles / double(job.target.clock) * 1000;
    return answers;
}

/// The exported program with to_input() in the place of the network: it takes rows of readings.
std::string converting(std::string program) {
    const std::pair<const char*, const char*> changes[] = {
        {"static network::Net net;\n", ""},
        {"static network::Raw piece[network::input_piece];",
         "static float piece[network::input_piece];\nstatic volatile network::Raw raw[network::input_piece];"},
        {"net.begin();", ""},
        {"net.push_piece(piece);",
         "for (uint16_t i = 0; i < network::input_piece; ++i) raw[i] = network::to_input(i, piece[i]);"},
        {"net.finish()", "raw[0] != 0"},
        {"net.logits()[i]", "raw[0]"},
        {"net.logits()", "piece"}};
    for (const auto& [from, to] : changes) program = replaced(std::move(program), from, to);
    return program;
}

/// The bytes of the readings that a sample's raw values stand for.
std::vector<std::uint8_t> reading_bytes(const Job& job, std::size_t index, const std::vector<Channel>& channels) {
    const net::Shape& shape = job.program.network().spec.input;
    std::vector<std::int16_t> values;
    fixed::device_order(std::span(job.source.split.values).subspan(index * shape.size(), shape.size()), shape, values);
    std::vector<std::uint8_t> bytes;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const Channel& channel = channels[i % channels.size()];
        const auto bits = std::bit_cast<std::uint32_t>(channel.origin + float(values[i]) / channel.scale);
        for (int byte = 0; byte < 4; ++byte) bytes.push_back(std::uint8_t(bits >> (8 * byte)));
    }
    return bytes;
}

double run_conversion(const Job& job, const std::vector<Channel>& channels) {
    for (const NamedFile& file : deploy::platform(job.target).programs("network", job.target, false))
        write_file(text(job.folder, "/", file.path), file.path == "main.cpp" ? converting(file.content) : file.content,
                   false);
    Machine machine(compile(job.folder, job.target, job.definitions), job.target);
    const auto classes = std::size_t(job.program.layout().plan().classes);
    double slowest = 0;
    for (std::size_t i = 0; i < job.samples; ++i)
        slowest = std::max(
            slowest,
            double(machine.run(reading_bytes(job, job.index(i), channels), 4 * channels.size(), classes).slowest_row));
    return slowest;
}

} // namespace

const Chips simavr_chips = {[](const cost::Target&) { return std::optional<std::string>(); }, run_simavr,
                            run_conversion};

} // namespace tinysparse::simulator
