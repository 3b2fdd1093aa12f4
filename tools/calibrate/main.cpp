// SPDX-License-Identifier: Apache-2.0
// Measures the costs of the AVR export and writes include/tinysparse/cost/avr_tables.hpp, or tiny_tables.hpp for chips
// that cannot multiply: exports random networks, compiles them with avr-gcc, runs each on the simulated chip, and fits
// cycles and flash to the counts of cost/features.hpp by weighted least squares. Run it again whenever a kernel of mcu/
// or the generated code changes; it takes minutes on one core.
//   calibrate_cost [NETWORKS [FILE [BOARD]]] > include/tinysparse/cost/avr_tables.hpp
// FILE keeps the measurements: if only the counts have changed, nothing is compiled and run again. BOARD: uno, or
// attiny85 for the other table, whose networks are small ones.
// NETWORKS is the number of dense networks. Half as many pruned ones come in addition, their layers in any format that
// holds them; every fourth of these is a projection and a tree head. Every fifth network is left out of the fit and
// gives the error, on standard error.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "../standard_descriptors.hpp"
#include "simulate.hpp"
#include "tinysparse/base/random.hpp"
#include "tinysparse/cost/device.hpp"
#include "tinysparse/net/count.hpp"
#include "tinysparse/net/notation.hpp"

using namespace tinysparse;

namespace {

struct Sample {
    cost::Work work;
    cost::Code code;
    double cycles = 0, code_bytes = 0, table_bytes = 0;
    std::size_t stack = 0;
    std::string line;
};

template <class Item> Item one_of(Random& random, std::initializer_list<Item> items) {
    return items.begin()[random.below(std::uint32_t(items.size()))];
}

/// A network as the search makes them: a front layer, separable or full convolutions with pools between, an end.
std::string random_line(Random& random, bool series, bool small) {
    const auto pool = [&] { return one_of<std::string>(random, {" A2", " A2", " M2"}); };
    std::string line;
    if (random.chance(0.3)) line += one_of<std::string>(random, {"A2 ", "A2 ", "A3 "});
    line += text("C", 1 + random.below(small ? 8 : 10), "k", one_of(random, {3, 3, 3, 5, 7, 1}),
                 random.chance(0.3) ? "s2" : "");
    if (random.chance(0.5)) line += pool();
    const int blocks = int(random.below(small ? 3 : 4));
    for (int block = 0; block < blocks; ++block) {
        const int kind = int(random.below(5));
        const std::string outputs = text(2 + random.below(15));
        if (kind < 3)
            line += text(" D", one_of(random, {3, 3, 5, 7}), random.chance(0.1) ? "s2" : "",
                         random.chance(0.7) ? "L" : "", " C", outputs, "k1");
        else if (kind == 3)
            line += text(" C", outputs, "k", one_of(random, {3, 3, 5}), random.chance(0.2) ? "v" : "");
        else
            line += text(" C", outputs, "k1 =r", block, " D3L C", outputs, "k1 +r", block);
        if (random.chance(0.35)) line += pool();
    }
    switch (random.below(series ? 2 : 4)) {
    case 0:
        line += " G";
        break;
    case 1:
        break;
    case 2:
        line += " DG";
        break;
    default:
        line += " A2 DGL";
    }
    if (random.chance(0.15)) line += text(" F", 4 + random.below(20));
    return line + text(" F", one_of(random, {2, 6, 10, 10, 26}));
}

/// A projection and a tree head.
std::string random_tree_line(Random& random) {
    return text(random.chance(0.5) ? "A2 " : "", "F", 2 + random.below(30), "L T", 2 + random.below(9), "d",
                random.below(5));
}

/// Weights as after training: normal, cut at the largest that the bits hold. Shifts clamp few values, since clamped
/// values take a shorter way.
fixed::Network with_weights(const net::Spec& spec, Random& random, bool series) {
    const net::Shapes shapes = net::shapes(spec);
    fixed::Network network;
    network.spec = spec;
    network.input.series = series;
    for (int c = 0; series && c < spec.input.channels; ++c) {
        network.input.offset.push_back(std::int16_t(random.below(200)));
        network.input.shift.push_back(std::int8_t(6 + random.below(3)));
    }
    for (std::size_t i = 0; i < spec.layers.size(); ++i) {
        const net::Layer& own = spec.layers[i];
        fixed::Layer layer;
        const double largest = own.bits == 8 ? 127 : own.bits == 4 ? 7 : 1;
        const double spread = largest * random.uniform(0.25, 0.6);
        layer.weights.resize(net::weights(own, shapes.layers[i]));
        for (std::int8_t& weight : layer.weights)
            weight = std::int8_t(std::clamp(std::round(random.normal() * spread), -largest, largest));
        const bool tree = net::is_tree(own);
        layer.bias_bytes = tree ? 0 : int(random.below(3));
        for (int o = 0; layer.bias_bytes > 0 && o < own.outputs; ++o)
            layer.biases.push_back(std::int16_t(int(random.below(200)) - 100));
        layer.bias_shift = layer.bias_bytes == 1 ? int(random.below(4)) : 0;
        const double taps = double(layer.weights.size()) / net::weight_rows(own), sum = spread * 40 * std::sqrt(taps);
        if (tree) {
            layer.score_shift = std::clamp(int(std::round(std::log2(sum / 1500))), 1, 14);
            layer.tanh_shift = std::clamp(int(std::round(std::log2(sum / 40))), 1, 14);
        }
        if (!net::is_output(spec, i)) layer.shift = std::clamp(int(std::round(std::log2(sum / 40))), 1, 14);
        if (own.residual != net::none) layer.own_shift = int(random.below(2));
        network.layers.push_back(std::move(layer));
    }
    return network;
}

/// Results of the simulated chip and the linker for one network; cycles are 0 if it is no network or does not fit.
struct Measurement {
    double cycles = 0;
    std::size_t flash = 0, stack = 0;
};

/// Measurements by network number, on disk as lines of text.
class Measurements {
  public:
    explicit Measurements(const std::string& path) : path_(path) {
        std::ifstream file(path);
        std::uint64_t number;
        for (Measurement m; file >> number >> m.cycles >> m.flash >> m.stack;) known_[number] = m;
    }
    const Measurement* find(std::uint64_t number) const {
        const auto found = known_.find(number);
        return found == known_.end() ? nullptr : &found->second;
    }
    void add(std::uint64_t number, const Measurement& m) {
        known_[number] = m;
        if (!path_.empty())
            std::ofstream(path_, std::ios::app)
                << number << ' ' << text(m.cycles) << ' ' << m.flash << ' ' << m.stack << '\n';
    }

  private:
    std::string path_;
    std::map<std::uint64_t, Measurement> known_;
};

/// Sets weights to zero, and chooses among the formats that then hold each layer.
std::vector<fixed::Format> prune(fixed::Network& network, Random& random, const cost::Target& target) {
    const double keep = random.uniform(0.05, 0.6);
    std::vector<fixed::Format> formats;
    for (fixed::Layer& layer : network.layers)
        for (std::int8_t& weight : layer.weights)
            if (!random.chance(keep)) weight = 0;
    const fixed::Lowered lowered(network);
    for (std::size_t i = 0; i < lowered.size(); ++i) {
        std::vector<fixed::Format> possible = {fixed::Format::dense};
        for (const fixed::Format format : fixed::sparse_formats)
            if (fixed::encode_lists(lowered, i, format)) possible.push_back(format);
        // Otherwise its words are assembly and counted.
        const auto line = target.multiplies ? std::nullopt : fixed::straight_line(lowered, i);
        if (line && line->sums == fixed::StraightSums::signs) possible.push_back(fixed::Format::straight);
        formats.push_back(possible[random.below(std::uint32_t(possible.size()))]);
    }
    return formats;
}

/// Compiles the network and runs it on random samples. Throws Error if it differs from the host.
Measurement run_on_chip(const fixed::Model& model, const std::vector<fixed::Format>& formats, Random& random,
                        std::uint64_t number, const cost::Target& target) {
    const net::Shape input = model.network.spec.input;
    data::Split split;
    split.samples = 3;
    split.labels.assign(3, 0);
    for (std::size_t i = 0; i < 3 * input.size(); ++i) {
        // Pictures are dark with bright places; series swing around their offset.
        if (model.network.input.series)
            split.values.push_back(std::int16_t(random.normal() * 6000));
        else
            split.pixels.push_back(random.chance(0.6) ? 0 : std::uint8_t(random.below(256)));
    }
    const auto result = simulator::simulate(model, split, 3, target, {}, formats);
    if (result.identical != result.samples)
        throw Error(text("network ", number, " differs from the host: ", net::notation(model.network.spec)));
    return {*result.cycles, result.flash,
            result.ram - fixed::plan(model.network.spec, model.network.input.kind()).bytes()};
}

/// Number of the first pruned network.
constexpr std::uint64_t first_pruned = 1000000;

/// One network's counts and measurement, or nothing if the random choices do not fit the chip.
bool measure(std::uint64_t number, const cost::Target& target, Measurements& measurements, Sample& sample) {
    Random random(1, "calibration", number);
    const bool series = random.chance(0.12), small = target.ram <= 512;
    const net::Shape input =
        series  ? net::Shape{1 + int(random.below(small ? 3 : 9)), 32 + int(random.below(96)), 1}
        : small ? one_of<net::Shape>(random, {{1, 28, 28}, {1, 28, 28}, {1, 14, 14}, {3, 12, 12}, {1, 20, 17}})
                : one_of<net::Shape>(random, {{1, 28, 28}, {1, 28, 28}, {3, 32, 32}, {1, 14, 14}, {1, 20, 17}});
    // Most bytes of memory, beside a row of the input and the stack.
    const std::size_t most = small ? 440 - std::size_t(input.width * input.channels) * (series ? 2 : 1) : 1850;
    const Measurement* known = measurements.find(number);
    if (known != nullptr && known->cycles == 0) return false;
    try {
        const bool tree = number >= first_pruned && number % 4 == 3;
        net::Spec spec = net::parse(tree ? random_tree_line(random) : random_line(random, series, small), input,
                                    one_of(random, {8, 8, 4, 4, 2}));
        for (net::Layer& layer : spec.layers)
            if (random.chance(0.15)) layer.bits = one_of(random, {8, 4, 2});
        fixed::Model model;
        model.network = with_weights(spec, random, series);
        std::vector<fixed::Format> formats(spec.layers.size(), fixed::Format::dense);
        if (number >= first_pruned) formats = prune(model.network, random, target);
        const fixed::Lowered lowered(model.network);
        const fixed::Layout& layout = lowered.layout();
        if (layout.plan().bytes() > most) throw Error("too large");
        if (known == nullptr) {
            measurements.add(number, run_on_chip(model, formats, random, number, target));
            known = measurements.find(number);
        }
        const fixed::Program program = fixed::encode_or_dense(lowered, formats);
        const std::vector<cost::LayerWeights> weights = cost::stored_weights(program);
        double tables = series ? 3.0 * input.channels : 0;
        for (const cost::LayerWeights& layer : weights) tables += double(layer.stored());
        const cost::Features features(layout, cost::counted_kernels(program, weights), target.multiplies);
        std::string line = net::notation(spec);
        for (std::size_t i = 0; i < program.size(); ++i)
            if (number >= first_pruned) line += text(", ", fixed::name_of(program.kernel(i).format));
        sample = {features.work, features.code, known->cycles, double(known->flash) - tables,
                  tables,        known->stack,  line};
        return true;
    } catch (const Error& refused) {
        const std::string why = refused.what();
        for (const char* serious : {"differs", "apt install", "avr-g++"})
            if (why.find(serious) != std::string::npos) throw;
        measurements.add(number, {}); // a random line that is no network, or too large a one
        return false;
    }
}

/// Solves A x = b for symmetric positive definite A by Gaussian elimination without pivoting.
std::vector<double> solve(std::vector<std::vector<double>> a, std::vector<double> b) {
    const std::size_t n = b.size();
    for (std::size_t k = 0; k < n; ++k)
        for (std::size_t i = k + 1; i < n; ++i) {
            const double factor = a[i][k] / a[k][k];
            for (std::size_t j = k; j < n; ++j) a[i][j] -= factor * a[k][j];
            b[i] -= factor * b[k];
        }
    for (std::size_t k = n; k-- > 0;) {
        for (std::size_t j = k + 1; j < n; ++j) b[k] -= a[k][j] * b[j];
        b[k] /= a[k][k];
    }
    return b;
}

/// Coefficients that minimise the relative error, with a weak pull to zero for what the samples do not determine.
/// known: a count whose coefficient is 1; `size` for none.
template <class Counts, class Target>
std::vector<double> fit(const std::vector<Sample>& samples, Counts counts, Target target, std::size_t size,
                        std::size_t known) {
    std::vector<double> scale(size, 0);
    for (const Sample& sample : samples)
        for (std::size_t i = 0; i < size; ++i) scale[i] += std::pow(counts(sample)[i] / target(sample), 2);
    for (double& value : scale) value = value > 0 ? std::sqrt(value / double(samples.size())) : 1;
    std::vector<std::vector<double>> a(size, std::vector<double>(size, 0));
    std::vector<double> b(size, 0);
    for (const Sample& sample : samples) {
        std::vector<double> row(size);
        for (std::size_t i = 0; i < size; ++i) row[i] = counts(sample)[i] / target(sample) / scale[i];
        double wanted = 1;
        if (known < size) {
            wanted -= counts(sample)[known] / target(sample);
            row[known] = 0;
        }
        for (std::size_t i = 0; i < size; ++i) {
            for (std::size_t j = 0; j < size; ++j) a[i][j] += row[i] * row[j];
            b[i] += row[i] * wanted;
        }
    }
    for (std::size_t i = 0; i < size; ++i) a[i][i] += 1e-4 * double(samples.size()) * 1e-2;
    std::vector<double> x = solve(std::move(a), std::move(b));
    for (std::size_t i = 0; i < size; ++i) x[i] /= scale[i];
    if (known < size) x[known] = 1;
    return x;
}

/// `rest`: a known part of the quantity that is not fitted.
template <class Counts, class Target, class Rest>
void report(const char* what, const std::vector<Sample>& samples, const std::vector<double>& x, Counts counts,
            Target target, Rest rest) {
    std::vector<std::pair<double, const Sample*>> errors;
    for (const Sample& sample : samples) {
        double sum = 0;
        for (std::size_t i = 0; i < x.size(); ++i) sum += counts(sample)[i] * x[i];
        errors.push_back({std::abs((sum - target(sample)) / (target(sample) + rest(sample))), &sample});
    }
    std::sort(errors.begin(), errors.end());
    double mean = 0;
    for (const auto& [error, sample] : errors) mean += error / double(errors.size());
    std::cerr << what << ": mean error " << fixed_decimals(100 * mean, 2) << " %, 90 % within "
              << fixed_decimals(100 * errors[errors.size() * 9 / 10].first, 2) << " %, largest "
              << fixed_decimals(100 * errors.back().first, 2) << " % of " << errors.size() << " networks\n";
    for (std::size_t i = errors.size(); i-- > 0 && i + 4 > errors.size();)
        std::cerr << "  " << fixed_decimals(100 * errors[i].first, 2) << " % of " << target(*errors[i].second) << "  "
                  << errors[i].second->line << '\n';
}

/// The relative difference of measurement from prediction that 95 of 100 samples do not exceed. There must be at least
/// one sample.
template <class Counts, class Target, class Rest>
double margin(const std::vector<Sample>& samples, const std::vector<double>& x, Counts counts, Target target,
              Rest rest) {
    std::vector<double> shares;
    for (const Sample& sample : samples) {
        double predicted = rest(sample);
        for (std::size_t i = 0; i < x.size(); ++i) predicted += counts(sample)[i] * x[i];
        shares.push_back(std::abs(target(sample) + rest(sample) - predicted) / predicted);
    }
    std::sort(shares.begin(), shares.end());
    return shares[(shares.size() * 95 + 99) / 100 - 1];
}

void print_table(const std::string& name, const char* size, const std::vector<double>& x) {
    std::cout << "inline constexpr std::array<double, " << size << "> " << name << " = {\n";
    for (std::size_t i = 0; i < x.size(); ++i)
        std::cout << (i % 8 == 0 ? "    " : " ") << fixed_decimals(x[i], 3)
                  << (i % 8 == 7 || i + 1 == x.size() ? ",\n" : ",");
    std::cout << "};\n";
}

/// Samples of the fit, and every fifth, which the fit does not see; with the range of the stack.
struct Samples {
    std::vector<Sample> fitted, held_out;
    std::size_t shallowest = 10000, deepest = 0;
};

/// `all` networks that compile; the last of them, from number `dense` on, are pruned.
Samples measured(std::size_t dense, std::size_t all, const cost::Target& target, Measurements& measurements) {
    Samples samples;
    std::size_t count = 0;
    for (std::uint64_t number = 0; count < all; ++number) {
        if (count == dense) number = std::max(number, first_pruned);
        Sample sample;
        if (!measure(number, target, measurements, sample)) continue;
        samples.deepest = std::max(samples.deepest, sample.stack);
        samples.shallowest = std::min(samples.shallowest, sample.stack);
        (count % 5 == 4 ? samples.held_out : samples.fitted).push_back(sample);
        if (++count % 50 == 0) std::cerr << count << " networks\n";
    }
    return samples;
}

/// The middle of the observed range.
std::size_t stack_of(const Samples& samples) { return (samples.deepest + samples.shallowest + 1) / 2; }

/// The header of coefficients, on standard output.
void print_header(const cost::Target& target, std::size_t networks, const Samples& samples,
                  const std::vector<double>& work_fit, const std::vector<double>& code_fit,
                  const std::vector<double>& margins) {
    const std::string kind = target.multiplies ? "avr" : "tiny";
    std::cout << "// SPDX-License-Identifier: Apache-2.0\n"
                 "// What the pieces counted in features.hpp cost on an "
              << target.chip << ", in cycles and bytes of code. Written by\n// tools/calibrate from " << networks
              << " random networks through avr-gcc and the simulator; do not edit, run it again.\n"
                 "#pragma once\n#include <array>\n#include <cstddef>\n\n#include \"tinysparse/cost/counts.hpp\"\n\n"
                 "namespace tinysparse::cost {\n\n"
                 "/// Stack below begin, push_row and finish: seen from "
              << samples.shallowest << " to " << samples.deepest << " bytes.\ninline constexpr std::size_t " << kind
              << "_stack = " << stack_of(samples)
              << ";\n\n/// Flash and cycles as shares, RAM in bytes, as in cost::Margins.\n// clang-format off\n";
    print_table(text(kind, "_margins"), "3", margins);
    std::cout << "\n// Cycles of each count of Work.\n";
    print_table(text(kind, "_work"), "Work::count", work_fit);
    std::cout << "\n// Bytes of each count of Code.\n";
    print_table(text(kind, "_code"), "Code::count", code_fit);
    std::cout << "// clang-format on\n\n} // namespace tinysparse::cost\n";
}

} // namespace

int main(int count, char** words) {
    open_standard_descriptors();
    try {
        const auto wanted = count > 1 ? parse_number<std::size_t>(words[1]) : std::optional<std::size_t>(600);
        if (!wanted || *wanted < 50) throw Error("usage: calibrate_cost [NETWORKS, at least 50 [FILE [BOARD]]]");
        const cost::Target& target = cost::target(count > 3 ? words[3] : "uno");
        if (const auto reason = simulator::missing(target)) throw Error(*reason);
        Measurements measurements(count > 2 ? words[2] : "");
        const std::size_t all = *wanted + *wanted / 2;
        const Samples samples = measured(*wanted, all, target, measurements);
        const auto& [fitted, held_out, shallowest, deepest] = samples;
        const auto work = [](const Sample& s) -> const double* { return s.work.counts.data(); };
        const auto code = [](const Sample& s) -> const double* { return s.code.counts.data(); };
        const auto cycles = [](const Sample& s) { return s.cycles; };
        const auto bytes = [](const Sample& s) { return s.code_bytes; };
        const auto tables = [](const Sample& s) { return s.table_bytes; };
        const auto none = [](const Sample&) { return 0.0; };
        // If all other loops are in C++, assembly is straight-line code: counted exactly, and rare.
        const auto fixed_of = [&](std::size_t assembly, std::size_t otherwise) {
            return target.multiplies ? otherwise : assembly;
        };
        const auto work_fit =
            fit(fitted, work, cycles, cost::Work::count, fixed_of(cost::Work::assembly, cost::Work::count));
        const auto code_fit =
            fit(fitted, code, bytes, cost::Code::count, fixed_of(cost::Code::assembly, cost::Code::count));
        report("cycles, fitted", fitted, work_fit, work, cycles, none);
        report("cycles, held out", held_out, work_fit, work, cycles, none);
        report("flash, fitted", fitted, code_fit, code, bytes, tables);
        report("flash, held out", held_out, code_fit, code, bytes, tables);
        std::cerr << "stack " << shallowest << " to " << deepest << " bytes\n";
        // A stack that is too deep overwrites variables: this is the deepest observed.
        print_header(target, all, samples, work_fit, code_fit,
                     {margin(held_out, code_fit, code, bytes, tables), double(deepest - stack_of(samples)),
                      margin(held_out, work_fit, work, cycles, none)});
        return 0;
    } catch (const Error& error) {
        std::cerr << "calibrate_cost: " << error.what() << '\n';
        return 1;
    }
}
