// SPDX-License-Identifier: Apache-2.0
// Measures the costs of the AVR export and writes include/tinysparse/cost/avr_tables.hpp, or tiny_tables.hpp for chips
// that cannot multiply: exports random networks, compiles them with avr-gcc, runs each on the simulated chip, and fits
// cycles, flash and stack to the counts of cost/features.hpp. Run it again whenever a kernel of mcu/ or the generated
// code changes; it takes half an hour on one core.
//   calibrate_cost uno FILE [NETWORKS] > include/tinysparse/cost/avr_tables.hpp
//   calibrate_cost attiny85 FILE [NETWORKS] > include/tinysparse/cost/tiny_tables.hpp
//   calibrate_cost BOARD FILE NETWORKS check
// FILE keeps the measurements: if only the counts have changed, nothing is compiled and run again. NETWORKS is the
// number of networks that store all weights. Half as many pruned ones come in addition, their layers in any format that
// holds them; every fourth of these is a projection and a tree head. Every fifth network is left out of the fit and
// gives the errors: rows for docs/measures.md on standard error. `check` prints these rows, on standard output, for the
// coefficients that this program was built with, and fits nothing.
#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

#include "../standard_descriptors.hpp"
#include "errors.hpp"
#include "fit.hpp"
#include "measurements.hpp"

using namespace tinysparse;
using namespace tinysparse::calibrate;

namespace {

struct Samples {
    std::vector<Sample> fitted, held_out;
};

Sample sample_of(const RandomNetwork& own, const Measurement& measured, const cost::Target& target) {
    const fixed::Lowered lowered(own.network);
    const fixed::Program program = fixed::encode_or_dense(lowered, own.formats);
    const fixed::Layout& layout = lowered.layout();
    const std::vector<cost::LayerWeights> weights = cost::stored_weights(program);
    const cost::Costs current = cost::costs(program, target);
    Sample sample{cost::Features(layout, cost::counted_input(program), cost::counted_kernels(program, weights),
                                 target.multiplies),
                  measured};
    sample.tables = double(cost::detail::series_bytes(layout));
    for (const cost::LayerWeights& layer : weights) sample.tables += double(layer.stored());
    sample.state = double(layout.plan().bytes());
    sample.branches = cost::detail::branches(layout) + cost::order_of_factors(sample.features.work);
    if (!target.multiplies) sample.longest = cost::longest_cycles(program, measured.seen);
    sample.current = {double(*current.flash), double(*current.ram), *current.cycles};
    sample.series = own.network.input.series;
    sample.line = net::notation(own.network.spec);
    for (std::size_t i = 0; i < program.size(); ++i)
        sample.line +=
            text(i == 0 ? ", " : " ", own.network.spec.layers[i].bits, fixed::name_of(program.kernel(i).format));
    return sample;
}

/// `dense` networks that fit the chip, and half as many pruned ones.
Samples samples_of(std::size_t dense, const cost::Target& target, Measurements& measurements) {
    Samples samples;
    std::size_t count = 0;
    for (std::uint64_t number = 0; count < dense + dense / 2; ++number) {
        if (count == dense) number = std::max(number, first_pruned);
        const auto found = measured(number, target, measurements);
        if (!found) continue;
        (count % 5 == 4 ? samples.held_out : samples.fitted).push_back(sample_of(found->first, found->second, target));
        if (++count % 50 == 0) std::cerr << count << " networks\n";
    }
    return samples;
}

/// Coefficients, as cost/device.hpp uses them.
struct Fit {
    std::vector<double> work, code, frames;
    std::vector<double> longest; ///< For the bound of the time; none on chips with a multiplier.

    static double dot(const double* counts, const std::vector<double>& x) {
        double sum = 0;
        for (std::size_t i = 0; i < x.size(); ++i) sum += counts[i] * x[i];
        return sum;
    }
    Prediction operator()(const Sample& sample) const {
        std::array<double, cost::Frames::count> own;
        std::copy(frames.begin(), frames.end(), own.begin());
        return {dot(sample.features.code.counts.data(), code) + sample.tables,
                sample.state + sample.features.frames.deepest(own), dot(sample.features.work.counts.data(), work)};
    }
    /// The largest share by which a bound exceeds its prediction, of networks in the fit and others.
    double longest_margin(const Samples& samples) const {
        double margin = 0;
        for (const auto* part : {&samples.fitted, &samples.held_out})
            for (const Sample& sample : *part)
                if (sample.longest)
                    margin = std::max(
                        margin,
                        *sample.longest / (dot(sample.features.work.counts.data(), longest) + sample.branches) - 1);
        return margin;
    }
};

Fit fit_of(const std::vector<Sample>& samples, bool multiplies) {
    std::vector<Equation> work, code, longest;
    std::vector<Depth> depths;
    for (const Sample& sample : samples) {
        const double flash = double(sample.measured.flash);
        work.push_back({sample.features.work.counts.data(), sample.measured.cycles, sample.measured.cycles});
        code.push_back({sample.features.code.counts.data(), flash - sample.tables, flash});
        depths.push_back({sample.features.frames.bytes.data(), double(sample.measured.stack)});
        if (sample.longest) longest.push_back({work.back().counts, *sample.longest - sample.branches, *sample.longest});
    }
    Fit own;
    const Signs signs = multiplies ? Signs::free : Signs::not_negative;
    const double ridge = multiplies ? 1e-2 : 1e-3;
    own.work = fit(work, cost::Work::count, cost::Work::assembly, signs, ridge);
    own.code = fit(code, cost::Code::count, cost::Code::assembly, signs, ridge);
    own.frames = fit_frames(depths, cost::Frames::count);
    if (!multiplies) own.longest = fit(longest, cost::Work::count, cost::Work::assembly, signs, ridge);
    return own;
}

void print_table(const std::string& name, const std::string& type, const std::vector<double>& x, int decimals = 3) {
    std::cout << "inline constexpr " << type << ' ' << name << " = {\n";
    for (std::size_t i = 0; i < x.size(); ++i)
        std::cout << (i % 8 == 0 ? "    " : " ") << fixed_decimals(x[i], decimals)
                  << (i % 8 == 7 || i + 1 == x.size() ? ",\n" : ",");
    std::cout << "};\n";
}

void print_deviations(const cost::Deviations& own) {
    std::cout << "    {" << own.networks;
    for (const cost::Deviation& one : {own.flash, own.flash_bytes, own.ram, own.ram_bytes, own.cycles})
        std::cout << ", {" << fixed_decimals(one.mean, 4) << ", " << fixed_decimals(one.most, 4) << ", "
                  << fixed_decimals(one.worst, 4) << '}';
    std::cout << "},\n";
}

/// The header of coefficients, on standard output.
void print_header(const cost::Target& target, std::size_t networks, const Fit& own, double longest_margin,
                  const cost::Deviations& pictures, const cost::Deviations& series) {
    const std::string kind = target.multiplies ? "avr" : "tiny";
    std::cout << "// SPDX-License-Identifier: Apache-2.0\n"
                 "// What the pieces counted in features.hpp cost on an "
              << target.chip << ", in cycles, bytes of code and bytes of stack. Written\n// by tools/calibrate from "
              << networks
              << " random networks through avr-gcc and the simulator; do not edit, run it again.\n"
                 "#pragma once\n#include <array>\n\n#include \"tinysparse/cost/counts.hpp\"\n"
                 "#include \"tinysparse/cost/deviation.hpp\"\n\nnamespace tinysparse::cost {\n\n// clang-format off\n"
                 "/// Errors on networks that the fit did not see, for pictures and for series.\n"
                 "inline constexpr std::array<Deviations, 2> "
              << kind << "_deviations = {{\n";
    print_deviations(pictures);
    print_deviations(series);
    std::cout << "}};\n\n/// Cycles of each count of Work.\n";
    print_table(kind + "_work", "std::array<double, Work::count>", own.work);
    std::cout << "\n/// Bytes of each count of Code.\n";
    print_table(kind + "_code", "std::array<double, Code::count>", own.code);
    std::cout << "\n/// Bytes of each kind of Frames, beside those that are known.\n";
    print_table(kind + "_frames", "std::array<double, Frames::count>", own.frames, 0);
    if (!own.longest.empty()) {
        std::cout << "\n/// Cycles of each count of Work, beside branches, if every product takes longest: see "
                     "longest.hpp.\n";
        print_table(kind + "_longest", "std::array<double, Work::count>", own.longest);
        std::cout << "\n/// Largest share by which the bound of a network exceeded these.\ninline constexpr double "
                  << kind << "_longest_margin = " << fixed_decimals(longest_margin, 3) << ";\n";
    }
    std::cout << "// clang-format on\n\n} // namespace tinysparse::cost\n";
}

int run(const cost::Target& target, const std::string& file, std::size_t dense, bool check) {
    if (const auto reason = simulator::missing(target)) throw Error(*reason);
    Measurements measurements(file);
    const Samples samples = samples_of(dense, target, measurements);
    const auto current = [](const Sample& sample) { return sample.current; };
    const auto all_rows = [&](const auto& predict) {
        return cost::deviation_rows(target.name, "pictures", deviations(samples.held_out, false, predict)) +
               cost::deviation_rows(target.name, "series", deviations(samples.held_out, true, predict));
    };
    if (check) {
        std::cout << all_rows(current);
        return 0;
    }
    const Fit own = fit_of(samples.fitted, target.multiplies);
    const double margin = own.longest.empty() ? 0 : own.longest_margin(samples);
    print_header(target, samples.fitted.size() + samples.held_out.size(), own, margin,
                 deviations(samples.held_out, false, own), deviations(samples.held_out, true, own));
    std::cerr << all_rows(own);
    print_worst(samples.held_out, own, &Prediction::flash, "flash");
    print_worst(samples.held_out, own, &Prediction::ram, "RAM");
    print_worst(samples.held_out, own, &Prediction::cycles, "cycles");
    return 0;
}

} // namespace

int main(int count, char** words) {
    open_standard_descriptors();
    try {
        const auto dense = count > 3 ? parse_number<std::size_t>(words[3]) : std::optional<std::size_t>(600);
        const bool check = count > 4 && std::string(words[4]) == "check";
        if (count < 3 || count > 5 || (count > 4 && !check) || !dense || *dense < 50)
            throw Error("usage: calibrate_cost BOARD FILE [NETWORKS, at least 50 [check]]");
        return run(cost::target(words[1]), words[2], *dense, check);
    } catch (const Error& error) {
        std::cerr << "calibrate_cost: " << error.what() << '\n';
        return 1;
    }
}
