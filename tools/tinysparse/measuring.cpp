// SPDX-License-Identifier: Apache-2.0
#include "measuring.hpp"

#include "process.hpp"
#include "tinysparse/base/camera.hpp"
#include "tinysparse/base/files.hpp"
#include "tinysparse/deploy/export.hpp"

namespace tinysparse::cli {

simulator::Simulation measured(const fixed::Model& model, simulator::SampleSource source, const cost::Target& target) {
    source.spread = false;
    simulator::Simulation result = simulator::simulate(model, source, measured_samples, target);
    if (result.identical != result.samples)
        throw Error(text("on the simulated ", target.name, ' ', result.samples - result.identical, " of ",
                         result.samples, " samples differ from the host"));
    return result;
}

namespace {

/// One sample of zeros: how deep the stack goes is the same for all.
data::Split zeros(const fixed::Network& network) {
    data::Split split;
    const std::size_t size = network.spec.input.size();
    if (network.input.series)
        split.values.assign(size, 0);
    else
        split.pixels.assign(size, 0);
    split.labels = {0};
    split.samples = 1;
    return split;
}

/// Compiles the program that takes samples and the one that is exported, if that is another, and runs the first. Throws
/// simulator::DoesNotFit if one has no room, Error if this cannot be told here.
void try_on_chip(const fixed::Model& model, const fixed::Program& program, const cost::Target& target) {
    std::vector<fixed::Format> formats;
    for (std::size_t i = 0; i < program.size(); ++i) formats.push_back(program.kernel(i).format);
    const data::Split split = zeros(model.network);
    simulator::SampleSource source(split);
    if (const std::optional<Camera>& camera = model.network.input.camera)
        source.camera = [&](std::size_t) {
            return std::vector<std::uint16_t>(camera->pixel_count() * std::size_t(info(camera->pixels).values));
        };
    simulator::simulate(model, source, 1, target, {}, formats);
    const fixed::Model exported = deploy::fitting(model, program, target);
    if (!deploy::shows_at_a_pin(target, !exported.golden.logits.empty())) return;
    const ScratchFolder folder;
    deploy::write_export(exported, program, target, folder.path(), {.name = "network"});
    try {
        simulator::compile(folder.path(), target);
    } catch (const simulator::DoesNotFit& found) {
        throw simulator::DoesNotFit(text(found.what(), " (", deploy::golden_bytes(exported.golden),
                                         " of the bytes are the sample that the header carries)"));
    }
}

} // namespace

std::vector<std::string> size_warnings(const fixed::Model& model, const fixed::Program& program,
                                       const cost::Target& target) {
    std::vector<std::string> doubts = doubts_of_size(model, program, target);
    if (doubts.empty() || simulator::missing(target)) return doubts;
    try {
        try_on_chip(model, program, target);
    } catch (const simulator::DoesNotFit& found) {
        return {text(found.what(), ", measured on the simulated chip; take a network with fewer or smaller maps, or "
                                   "fewer weights")};
    } catch (const Error&) {
        return doubts; // of a chip that nothing simulates
    }
    return {};
}

search::Measures measures_of(const simulator::Simulation& result) {
    using search::Measure;
    search::Measures measures;
    measures[Measure::flash] = double(result.flash);
    measures[Measure::ram] = double(result.ram);
    measures[Measure::cycles] = result.slowest_cycles;
    measures[Measure::milliseconds] = result.slowest_milliseconds;
    return measures;
}

std::string measuring_tools(const cost::Target& target) {
    const ScratchFolder folder;
    simulator::run_in(folder.path(), {std::string(deploy::platform(target).compiler.name), "--version"});
    const std::string said = read_file(folder.path() + "/log", 1 << 16);
    return said.substr(0, said.find('\n'));
}

} // namespace tinysparse::cli
