// SPDX-License-Identifier: Apache-2.0
#include "device.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "device_programs.hpp"
#include "machine.hpp"
#include "process.hpp"
#include "simulate.hpp"
#include "tinysparse/base/files.hpp"
#include "tinysparse/base/random.hpp"
#include "tinysparse/deploy/export.hpp"
#include "tinysparse/net/count.hpp"
#include "tinysparse/net/notation.hpp"

namespace tinysparse::bench {

namespace {

/// Random weights for a Spec, a share `keep` of them not zero. `largest`: so that |w| <= largest.
fixed::Network random_weights(const net::Spec& spec, int largest, double keep) {
    const net::Shapes shapes = net::shapes(spec);
    Random random(1, "bench device", 0);
    fixed::Network network;
    network.spec = spec;
    for (std::size_t i = 0; i < spec.layers.size(); ++i) {
        fixed::Layer layer;
        layer.weights.resize(net::weights(spec.layers[i], shapes.layers[i]));
        const std::size_t nonzeros = std::size_t(std::lround(keep * double(layer.weights.size())));
        for (std::size_t n = 0; n < nonzeros; ++n) {
            const int size = 1 + int(random.below(std::uint32_t(largest)));
            layer.weights[n] = std::int8_t(random.chance(0.5) ? size : -size);
        }
        random.shuffle(std::span(layer.weights));
        layer.bias_bytes = 1;
        for (int o = 0; o < spec.layers[i].outputs; ++o)
            layer.biases.push_back(std::int16_t(int(random.below(200)) - 100));
        if (!net::is_output(spec, i)) layer.shift = 7;
        network.layers.push_back(std::move(layer));
    }
    return network;
}

/// A window of a motion sensor: acceleration and rotation, 128 moments.
constexpr net::Shape six_channels = {6, 128, 1};

/// Random weights for a series of six channels, whose two sensors have a shift each, and that shift in all layers.
fixed::Network random_series(const net::Spec& spec, int largest, int shift) {
    fixed::Network network = random_weights(spec, largest, 1);
    network.input.series = true;
    network.input.offset = {120, -340, 900, 15, -28, 7};
    network.input.shift = {7, 7, 7, 6, 6, 6};
    for (std::size_t i = 0; i < spec.layers.size(); ++i)
        if (!net::is_output(spec, i)) network.layers[i].shift = shift;
    return network;
}

class DeviceBench {
  public:
    explicit DeviceBench(const DeviceOptions& options) : options_(options) {}

    /// Cycles of layer 1, stepped over its whole input. `definitions`: of the preprocessor.
    double layer_cycles(const fixed::Model& model, fixed::Format format, const std::vector<std::string>& definitions) {
        const ScratchFolder folder;
        const cost::Target& uno = cost::target("uno");
        std::vector<fixed::Format> formats(model.network.layers.size(), fixed::Format::dense);
        formats[0] = format;
        const fixed::Lowered lowered(model.network);
        const fixed::Program program_of_network = fixed::encode(lowered, formats);
        deploy::write_export(model, program_of_network, uno, folder.path(), {.name = "network"});
        const fixed::Layout& layout = lowered.layout();
        const net::Shape& in = layout.shapes().layers[0].in;
        const net::Shape& out = layout.shapes().layers[0].out;
        const bool gathers = layout.gathers(0);
        std::string program = text(answering, step_program);
        const auto set = [&](std::string_view name, const std::string& value) {
            program = replaced(program, name, value);
        };
        set("@INPUT@", text(layout.plan().picture.ring * in.width * in.channels));
        set("@OUTPUT@", text(std::max(1, layout.plan().layers[0].ring * out.width * out.channels)));
        set("@SUMS@", text(gathers ? out.channels : 1));
        set("@COUNT@", text(gathers ? in.height : layout.window(0, 1).rows));
        // Sums of a single row need no start: straight-line code and those of 16 bits begin with the biases.
        const bool sets = gathers && program_of_network.layer(0).sets_sums();
        set("@BEGIN@", gathers && !sets ? "network::mcu::gather_begin(Layer(), sums);" : "");
        set("@STEP@",
            gathers ? std::string("network::mcu::gather_step(Layer(), made, sums, streams)")
                    : text("network::mcu::window_step<network::mcu::",
                           deploy::detail::LayerText(program_of_network, 0).row_maker(), ">(Layer(), made, streams)"));
        write_file(folder.path() + "/main.cpp", program);
        simulator::Machine machine(simulator::compile(folder.path(), uno, definitions), uno);
        return double(machine.run({}, 1, 0).cycles);
    }

    /// Adds NAME_cpp and NAME_asm, cycles per MAC, or per MAC with a nonzero weight for the fifth that sparse formats
    /// store. References are upper bounds; only those above 0 count.
    void layer(const std::string& name, const fixed::Network& network, fixed::Format format, double reference_cpp,
               double reference_asm) {
        fixed::Model model;
        model.network = network;
        const bool dense = format == fixed::Format::dense;
        const double macs = double(net::macs(network.spec.layers[0], net::shapes(network.spec).layers[0]));
        const double units = dense ? macs : 0.2 * macs;
        const char* const unit = dense ? per_mac : "cycles per nonzero MAC";
        add(name + "_cpp", layer_cycles(model, format, {"TINYSPARSE_NO_ASM"}) / units, unit, reference_cpp);
        add(name + "_asm", layer_cycles(model, format, {}) / units, unit, reference_asm);
    }

    /// A layer with four of five weights zero: cycles for each nonzero weight at each position, and its bytes.
    void sparse_layer(const std::string& name, const fixed::Network& network, fixed::Format format,
                      double reference_cpp, double reference_asm, double reference_bytes) {
        const fixed::Lowered lowered(network);
        const auto encoded = fixed::encode_lists(lowered, 0, format);
        const double nonzeros = 0.2 * double(network.layers[0].weights.size());
        layer(name, network, format, reference_cpp, reference_asm);
        add(name + "_bytes", double(encoded->bytes.size()) / nonzeros, "bytes per nonzero", reference_bytes);
    }

    /// Such a layer as straight-line code: NAME_cpp and, in assembly, NAME.
    void straight_line(const std::string& name, const fixed::Network& network, double reference_asm) {
        fixed::Model model;
        model.network = network;
        const fixed::Lowered lowered(network);
        const double products = 0.2 * double(net::macs(network.spec.layers[0], lowered.shapes(0)));
        const char* unit = "cycles per nonzero MAC";
        add(name + "_cpp", layer_cycles(model, fixed::Format::straight, {"TINYSPARSE_NO_ASM"}) / products, unit);
        add(name, layer_cycles(model, fixed::Format::straight, {}) / products, unit, reference_asm);
        const auto line = fixed::straight_line(lowered, 0);
        const double nonzeros = 0.2 * double(network.layers[0].weights.size());
        add(name + "_bytes", 2 * cost::straight_cost(*line, lowered.layout(), 0).words / nonzeros,
            "bytes per nonzero, counted");
    }

    void add(const std::string& name, double value, const char* unit, double reference = 0) {
        Result result{name, value, unit};
        if (reference > 0) result.reference = reference;
        results_.push_back(result);
        if (options_.progress) options_.progress(text(name, ": ", fixed_decimals(value, 2), " ", unit));
    }

    /// Cycles of one requantisation with a ReLU and a shift of 7; all sums of 16 bits are equally likely.
    void requantisation() {
        const ScratchFolder folder;
        const cost::Target& uno = cost::target("uno");
        fixed::Model model;
        model.network = random_weights(net::parse("F1", {1, 1, 1}), 1, 1);
        deploy::write_export(model, uno, folder.path(), {.name = "network"});
        write_file(folder.path() + "/main.cpp", text(answering, requantise_program));
        const auto cycles = [&](const char* definition) {
            simulator::Machine machine(simulator::compile(folder.path(), uno, {definition}), uno);
            return double(machine.run({}, 1, 0).cycles);
        };
        add("requantise", (cycles("REQUANTISES=1") - cycles("REQUANTISES=0")) / 128, "cycles", 10);
    }

    /// A whole network on random samples. Throws Error if the chip's logits differ from the host's.
    simulator::Simulation whole(const fixed::Network& network, const std::vector<std::string>& definitions = {}) {
        fixed::Model model;
        model.network = network;
        data::Split split;
        split.samples = 2;
        split.labels.assign(2, 0);
        Random random(2, "bench device", 0);
        for (std::size_t i = 0; i < 2 * network.spec.input.size(); ++i)
            if (network.input.series)
                split.values.push_back(std::int16_t(random.normal() * 4000));
            else
                split.pixels.push_back(random.chance(0.6) ? std::uint8_t{0} : std::uint8_t(random.below(256)));
        const auto result = simulator::simulate(model, split, 2, cost::target("uno"), definitions);
        if (result.identical != result.samples) throw Error("the simulated chip differs from the host");
        return result;
    }

    /// MACs of a network, without those of rows and columns that a pooling drops.
    static double useful_macs(const net::Spec& spec) {
        const fixed::Layout layout(spec, {});
        double macs = 0;
        for (std::size_t i = 0; i < spec.layers.size(); ++i) {
            const double positions = layout.gathers(i) ? 1 : layout.window(i, 1).rows * layout.window(i, 1).width;
            macs += positions * double(net::weights(spec.layers[i], layout.shapes().layers[i]));
        }
        return macs;
    }

    /// The network that measures the memory plan.
    void network() {
        const net::Spec spec = net::parse("C8k3v M2 C16k3v M2 F10", {1, 28, 28});
        const fixed::Network network = random_weights(spec, 3, 1);
        const auto plain = whole(network, {"TINYSPARSE_NO_ASM"}), fast = whole(network);
        const double macs = useful_macs(spec);
        add("network_cpp", *plain.cycles / macs, per_mac, 22.5);
        add("network_asm", *fast.cycles / macs, per_mac, 13);
        add("network_ram", double(std::max(plain.ram, fast.ram)), "bytes", 620);
        add("network_ram_with_row", double(std::max(plain.ram_peak, fast.ram_peak)), "bytes");
    }

    /// NAME, cycles per MAC, or per sample if they are not divided, and NAME_flash.
    void whole_network(const std::string& name, const fixed::Network& network, double reference, bool divided = true) {
        const auto result = whole(network);
        if (divided)
            add(name, *result.cycles / useful_macs(network.spec), per_mac, reference);
        else
            add(name, *result.cycles, "cycles", reference);
        add(name + "_flash", double(result.flash), "bytes");
    }

    /// Cycles per raw value of a series if this number of moments is averaged.
    void series_input(const std::string& name, const char* line, double reference) {
        const ScratchFolder folder;
        const cost::Target& uno = cost::target("uno");
        fixed::Model model;
        model.network = random_series(net::parse(line, six_channels, 4), 7, 7);
        deploy::write_export(model, uno, folder.path(), {.name = "network"});
        write_file(folder.path() + "/main.cpp", text(answering, input_program));
        simulator::Machine machine(simulator::compile(folder.path(), uno), uno);
        add(name, double(machine.run({}, 1, 0).cycles) / double(six_channels.size()), "cycles per raw value",
            reference);
    }

    /// Likewise with four of five weights zero: in the formats of an export, and in the fastest that fit the board.
    void pruned_network() {
        fixed::Model model;
        model.network = random_weights(net::parse("C8k3v M2 C16k3v M2 F10", {1, 28, 28}), 20, 0.2);
        data::Split split;
        split.samples = 1;
        split.labels.assign(1, 0);
        Random random(3, "bench device", 0);
        for (std::size_t i = 0; i < model.network.spec.input.size(); ++i)
            split.pixels.push_back(random.chance(0.6) ? std::uint8_t{0} : std::uint8_t(random.below(256)));
        const cost::Target& uno = cost::target("uno");
        const auto run = [&](const std::string& name, const std::vector<fixed::Format>& formats) {
            const auto result = simulator::simulate(model, split, 1, uno, {}, formats);
            if (result.identical != result.samples) throw Error("the simulated chip differs from the host");
            add(name, *result.cycles, "cycles");
            add(name + "_flash", double(result.flash), "bytes");
        };
        const fixed::Lowered lowered(model.network);
        run("pruned_network", cost::formats(lowered));
        run("pruned_network_fastest", cost::formats(lowered, {.cycles = {}, .bytes = double(uno.flash)}));
    }

    static constexpr const char* per_mac = "cycles per MAC";
    Results results() const { return results_; }

  private:
    const DeviceOptions& options_;
    Results results_;
};

/// Layers that store every weight.
void dense_layers(DeviceBench& bench, bool only_bounded) {
    struct Layer {
        const char *name, *line;
        net::Shape input;
        int largest, shift; // of the weights; of the requantisation
        double bound_cpp = 0, bound_assembly = 0;
    };
    const Layer layers[] = {
        {"dense", "F10", {1, 1, 64}, 6, 0, 11, 8.7},
        {"conv3x3_first", "C8k3v F1", {1, 14, 14}, 20, 7, 15.6, 7.8},
        {"conv3x3", "C8k3v F1", {8, 14, 14}, 5, 7, 0, 7.9},
        {"pointwise", "C16k1 C1k1 F1", {8, 28, 28}, 20, 8, 12.8, 7.4},
        {"depthwise3x3", "D3L C1k1 F1", {8, 14, 14}, 20, 7},
        {"dense_4_bits", "F10b4", {1, 1, 64}, 6, 0},
        {"conv3x3_4_bits", "C8k3vb4 F1", {8, 14, 14}, 5, 7},
        {"pointwise_4_bits", "C16k1b4 C1k1 F1", {8, 28, 28}, 7, 8},
        {"dense_wide", "F10", {1, 1, 64}, 127, 0},
        {"conv3x3_first_wide", "C8k3v F1", {1, 14, 14}, 127, 11},
        {"conv3x3_wide", "C8k3v F1", {8, 14, 14}, 127, 12},
    };
    for (const Layer& layer : layers) {
        if (only_bounded && layer.bound_assembly == 0) continue;
        const net::Spec spec = net::parse(layer.line, layer.input);
        fixed::Network network = random_weights(spec, layer.largest, 1);
        network.layers[0].shift = layer.shift;
        bench.layer(layer.name, network, fixed::Format::dense, layer.bound_cpp, layer.bound_assembly);
    }
}

/// Whole networks whose sums need 24 bits, and series.
void whole_networks(DeviceBench& bench) {
    struct Network {
        const char *name, *line;
        net::Shape input;
        int bits, largest, shift;
        double bound;
    };
    const Network pictures[] = {
        {"network_8bit", "C8k3v M2 C16k3v M2 F10", {1, 28, 28}, 8, 127, 11, 11},
        {"cifar_8bit", "C8k3 M2 C16k3 M2 C16k3 M2 F10", {3, 32, 32}, 8, 127, 11, 12},
        {"cifar_separable_8bit", "C5k3s2 D3L C8k1 A2 D3L C10k1 D3L C10k1 A2 D3vL F2", {3, 32, 32}, 8, 127, 9, 0},
    };
    for (const Network& network : pictures) {
        fixed::Network random =
            random_weights(net::parse(network.line, network.input, network.bits), network.largest, 1);
        for (fixed::Layer& layer : random.layers)
            if (layer.shift > 0) layer.shift = network.shift;
        bench.whole_network(network.name, random, network.bound);
    }
    // Weights of up to 5 keep the sums of 16 bits that an accumulator of 16 bits would train.
    const Network series[] = {
        {"series_4bit", "C8k3 M2 C16k3 M2 C16k3 F6", six_channels, 4, 7, 7, 11},
        {"series_8bit", "C8k3 M2 C16k3 M2 C16k3 F6", six_channels, 8, 127, 11, 12.5},
        {"series_8bit_accumulator16", "C8k3 M2 C16k3 M2 C16k3 F6", six_channels, 8, 5, 7, 11},
    };
    for (const Network& network : series)
        bench.whole_network(
            network.name,
            random_series(net::parse(network.line, network.input, network.bits), network.largest, network.shift),
            network.bound);
    bench.whole_network("series_separable_4bit",
                        random_series(net::parse("A4 D7s2L C24k1 M4 DGL F6", six_channels, 4), 7, 7), 150000, false);
    bench.series_input("series_input", "F6", 40);
    bench.series_input("series_input_averaged", "A4 F6", 0);
}

/// Layers most of whose weights are zero, as lists of the others.
void sparse_layers(DeviceBench& bench, bool only_bounded) {
    struct Sparse {
        const char *name, *line;
        net::Shape input;
        int largest, shift;
        fixed::Format format;
        double bound_cpp = 0, bound_assembly = 0, bound_bytes = 0;
    };
    const Sparse sparse[] = {
        {"sparse_dense_80", "F10", {1, 1, 64}, 6, 0, fixed::Format::csr, 21.7, 19, 2.1},
        {"sparse_dense_80_nibble", "F10", {1, 1, 256}, 6, 0, fixed::Format::nibble, 0, 0, 1.1},
        {"sparse_dense_80_ternary", "F10", {1, 1, 64}, 1, 0, fixed::Format::ternary, 0, 0, 1.15},
        {"sparse_conv_80", "C8k3v F1", {8, 14, 14}, 20, 7, fixed::Format::csr, 15.5, 10},
        {"sparse_conv_80_nibble", "C8k3v F1", {8, 14, 14}, 7, 7, fixed::Format::nibble},
        {"sparse_conv_80_ternary", "C8k3v F1", {8, 14, 14}, 1, 5, fixed::Format::ternary},
        {"sparse_conv_80_same", "C8k3 F1", {8, 14, 14}, 20, 7, fixed::Format::csr},
        {"sparse_pointwise_80", "C16k1 C1k1 F1", {32, 14, 14}, 20, 7, fixed::Format::csr},
    };
    for (const Sparse& layer : sparse) {
        if (only_bounded && layer.bound_cpp + layer.bound_bytes == 0) continue;
        const net::Spec spec = net::parse(layer.line, layer.input);
        fixed::Network network = random_weights(spec, layer.largest, 0.2);
        network.layers[0].shift = layer.shift;
        bench.sparse_layer(layer.name, network, layer.format, layer.bound_cpp, layer.bound_assembly, layer.bound_bytes);
    }
}

/// The same layers as straight-line code.
void straight_lines(DeviceBench& bench, bool only_bounded) {
    struct Straight {
        const char *name, *line;
        net::Shape input;
        int largest, shift;
        double bound = 0;
    };
    const Straight straight[] = {
        {"straight_line", "F10", {1, 1, 64}, 6, 0, 8.3},
        {"straight_line_ternary", "F10", {1, 1, 64}, 1, 0, 4.7},
        {"straight_line_wide", "F10", {1, 1, 64}, 127, 0},
        {"straight_line_conv", "C8k3v F1", {8, 14, 14}, 20, 7},
        {"straight_line_conv_ternary", "C8k3v F1", {8, 14, 14}, 1, 5},
        {"straight_line_conv_same", "C8k3 F1", {8, 14, 14}, 20, 7},
        {"straight_line_pointwise", "C16k1 C1k1 F1", {32, 14, 14}, 20, 7},
    };
    for (const Straight& layer : straight) {
        if (only_bounded && layer.bound == 0) continue;
        fixed::Network network = random_weights(net::parse(layer.line, layer.input), layer.largest, 0.2);
        network.layers[0].shift = layer.shift;
        bench.straight_line(layer.name, network, layer.bound);
    }
}

} // namespace

Results bench_device(const DeviceOptions& options) {
    if (const auto reason = simulator::missing(cost::target("uno"))) throw Error(*reason);
    DeviceBench bench(options);
    dense_layers(bench, options.only_bounded);
    sparse_layers(bench, options.only_bounded);
    straight_lines(bench, options.only_bounded);
    bench.requantisation();
    bench.network();
    whole_networks(bench);
    if (!options.only_bounded) bench.pruned_network();
    return bench.results();
}

} // namespace tinysparse::bench
