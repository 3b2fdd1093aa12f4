// SPDX-License-Identifier: Apache-2.0
#include "measuring.hpp"

#include "device_headers.hpp"
#include "process.hpp"
#include "tinysparse/base/files.hpp"
#include "tinysparse/deploy/platforms.hpp"

namespace tinysparse::cli {

simulator::Simulation measured(const fixed::Model& model, simulator::SampleSource source, const cost::Target& target) {
    source.spread = false;
    simulator::Simulation result =
        simulator::simulate(model, source, measured_samples, target, tools::device_headers());
    if (result.identical != result.samples)
        throw Error(text("on the simulated ", target.name, ' ', result.samples - result.identical, " of ",
                         result.samples, " samples differ from the host"));
    return result;
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
