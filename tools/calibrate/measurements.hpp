// SPDX-License-Identifier: Apache-2.0
// Measurements of random networks: each is exported, compiled and run on the simulated chip once. A file keeps the
// results, so that a change of the counts alone compiles and runs nothing again.
#pragma once
#include <cstdint>
#include <fstream>
#include <map>
#include <optional>
#include <string>

#include "networks.hpp"
#include "simulate.hpp"
#include "tinysparse/cost/longest.hpp"

namespace tinysparse::calibrate {

/// Results of the simulated chip and the linker for one network; cycles are 0 if it is no network or does not fit.
struct Measurement {
    double cycles = 0;                ///< Mean of the samples.
    std::size_t flash = 0, stack = 0; ///< Bytes.
    cost::SeenTimes seen = {0, 0, 0}; ///< Times of a chip without a multiplier.
};

/// Measurements by network number, on disk as lines of text.
class Measurements {
  public:
    /// An empty path: nothing is kept.
    explicit Measurements(const std::string& path) : path_(path) {
        std::ifstream file(path);
        std::uint64_t number;
        for (Measurement m; file >> number >> m.cycles >> m.flash >> m.stack >> m.seen.products >>
                            m.seen.wide_products >> m.seen.other_cycles >> m.seen.negative_products;)
            known_[number] = m;
    }
    const Measurement* find(std::uint64_t number) const {
        const auto found = known_.find(number);
        return found == known_.end() ? nullptr : &found->second;
    }
    const Measurement& add(std::uint64_t number, const Measurement& m) {
        if (!path_.empty())
            std::ofstream(path_, std::ios::app)
                << number << ' ' << text(m.cycles) << ' ' << m.flash << ' ' << m.stack << ' ' << text(m.seen.products)
                << ' ' << text(m.seen.wide_products) << ' ' << text(m.seen.other_cycles) << ' '
                << text(m.seen.negative_products) << '\n';
        return known_[number] = m;
    }

  private:
    std::string path_;
    std::map<std::uint64_t, Measurement> known_;
};

/// Compiles the network and runs it on its samples. Throws Error if it differs from the host.
inline Measurement run_on_chip(const RandomNetwork& own, std::uint64_t number, const cost::Target& target) {
    fixed::Model model;
    model.network = own.network;
    const auto result = simulator::simulate(model, own.samples, own.samples.samples, target, {}, own.formats);
    if (result.identical != result.samples)
        throw Error(text("network ", number, " differs from the host: ", net::notation(own.network.spec)));
    return {*result.cycles, result.flash, result.ram - fixed::plan(own.network.spec, own.network.input.kind()).bytes(),
            result.seen};
}

/// The network of that number and its measurement, or nothing if the random choices do not fit the chip. Throws Error
/// if a tool is missing or the chip differs from the host.
inline std::optional<std::pair<RandomNetwork, Measurement>> measured(std::uint64_t number, const cost::Target& target,
                                                                     Measurements& measurements) {
    const Measurement* known = measurements.find(number);
    if (known != nullptr && known->cycles == 0) return std::nullopt;
    try {
        std::optional<RandomNetwork> own = random_network(number, target);
        if (own) {
            const Measurement result = known ? *known : measurements.add(number, run_on_chip(*own, number, target));
            return std::pair(std::move(*own), result);
        }
    } catch (const Error& refused) {
        const std::string why = refused.what();
        for (const char* serious : {"differs", "apt install", "avr-g++"})
            if (why.find(serious) != std::string::npos) throw;
    }
    measurements.add(number, {}); // a random line that is no network, or too large a one
    return std::nullopt;
}

} // namespace tinysparse::calibrate
