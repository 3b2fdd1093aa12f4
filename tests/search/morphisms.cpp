// SPDX-License-Identifier: Apache-2.0
// Every kind of edit that may leave a network's function as it is, on many random networks: how often it does.
#include "digit_space.hpp"
#include "inherited.hpp"
#include "tinysparse/space/sample.hpp"
#include <algorithm>
#include <functional>
#include <utility>

using namespace tinysparse;
using namespace tinysparse::space;
using namespace tinysparse::search::test;

namespace {

space::Unit& some_unit(Genome& genome, Random& random) {
    Stage& stage = genome.stages[random.below(std::uint32_t(genome.stages.size()))];
    return stage.units[random.below(std::uint32_t(stage.units.size()))];
}
int wider(int width) { return width + std::max(1, width / 3); }
int larger(int kernel) { return std::min(kernel + 2, 7); }

/// One edit of a genome that makes its network larger.
struct Edit {
    std::string_view name;
    std::function<void(Genome&, Random&)> make;
};

const Edit edits[] = {
    {"front wider", [](Genome& g, Random&) { g.front.width = wider(g.front.width); }},
    {"unit wider",
     [](Genome& g, Random& random) {
         space::Unit& unit = some_unit(g, random);
         unit.width = wider(unit.width);
     }},
    {"all wider",
     [](Genome& g, Random&) {
         g.front.width = wider(g.front.width);
         for (Stage& stage : g.stages)
             for (space::Unit& unit : stage.units) unit.width = wider(unit.width);
         if (g.end.width > 0) g.end.width = wider(g.end.width);
     }},
    {"unit added",
     [](Genome& g, Random& random) {
         Stage& stage = g.stages[random.below(std::uint32_t(g.stages.size()))];
         const std::size_t at = random.below(std::uint32_t(stage.units.size()));
         stage.units.insert(stage.units.begin() + std::ptrdiff_t(at) + 1, space::Unit(stage.units[at]));
     }},
    {"stage added",
     [](Genome& g, Random& random) {
         const std::size_t at = random.below(std::uint32_t(g.stages.size()));
         Stage added;
         added.units = {g.stages[at].units.back()};
         added.pooling = g.stages[at].pooling;
         added.pool = g.stages[at].pool;
         g.stages[at].pooling = net::Pooling::none;
         added.head = std::exchange(g.stages[at].head, false);
         g.stages.insert(g.stages.begin() + std::ptrdiff_t(at) + 1, added);
     }},
    {"front kernel larger", [](Genome& g, Random&) { g.front.kernel = larger(g.front.kernel); }},
    {"unit kernel larger",
     [](Genome& g, Random& random) {
         space::Unit& unit = some_unit(g, random);
         unit.kernel = larger(unit.kernel);
     }},
    {"head added",
     [](Genome& g, Random& random) { g.stages[random.below(std::uint32_t(g.stages.size()))].head = true; }},
    {"hidden layer added",
     [](Genome& g, Random&) {
         if (g.end.hidden == 0) g.end.hidden = 20;
     }},
    {"hidden layer wider",
     [](Genome& g, Random&) {
         if (g.end.hidden > 0) g.end.hidden = wider(g.end.hidden);
     }},
    {"end layer added",
     [](Genome& g, Random&) {
         if (g.end.width == 0 && g.end.kind != EndKind::flat) g.end.width = g.stages.back().units.back().width;
     }},
    {"end layer wider",
     [](Genome& g, Random&) {
         if (g.end.width > 0) g.end.width = wider(g.end.width);
     }},
};

/// What no weights can make up for.
///  - A new bottleneck without a residual: it passes on m channels of n > m, and no map through m dimensions is the
///    identity of n (invariance of domain, so a ReLU does not help).
///  - A residual sum that begins or ends at a unit of two layers. Of a bottleneck, C_t S over the taps t would have to
///    become C_t S +- I at the centre: its rows lie in the m dimensions of S, those of I do not. Of a separable unit,
///    for each input c the kernels P_oc D_c of all outputs o are multiples of one; with the identity taken from that of
///    o = c they are not, unless D_c has its centre alone.
bool is_impossible(const Genome& parent, const Genome& child, const Space& space) {
    const auto units_of = [&](const Genome& genome) {
        struct Made {
            bool two_layers, bottleneck, residual;
        };
        std::vector<Made> units;
        const Expression expression = expressed(genome, space);
        for (std::size_t i = 0; i < expression.roles.size(); ++i) {
            if (expression.roles[i].part != Role::Part::main) continue;
            const Role::Part before = expression.roles[i - 1].part; // the front is ahead of all units
            const bool two = before == Role::Part::first;
            units.push_back({two, two && !net::reads_one_channel(expression.spec.layers[i - 1]),
                             expression.spec.layers[i].residual != net::none});
        }
        return units;
    };
    const auto old = units_of(parent), own = units_of(child);
    if (own.size() == old.size()) {
        for (std::size_t i = 0; i < own.size(); ++i)
            if (own[i].two_layers && own[i].residual != old[i].residual) return true;
        return false;
    }
    const auto narrow = [](const auto& units) {
        return std::count_if(units.begin(), units.end(),
                             [](const auto& one) { return one.bottleneck && !one.residual; });
    };
    return narrow(own) > narrow(old);
}

struct Count {
    int made = 0, kept = 0, impossible = 0;
};

Count count(const Edit& edit, const Space& space, int genomes) {
    Random random(1, "morphisms");
    Count found;
    for (int i = 0; i < genomes; ++i) {
        const Genome parent = sample(space, random);
        Genome child = parent;
        edit.make(child, random);
        if (conformed(child, space) != child || !expressible(child, space)) continue; // does not fit the space
        if (express(child, space) == express(parent, space)) continue;
        ++found.made;
        const double changed = change(parent, child, space, std::uint64_t(i));
        const bool impossible = is_impossible(parent, child, space);
        found.kept += changed < 1e-5;
        found.impossible += impossible && changed >= 1e-5;
        CAPTURE(edit.name);
        CAPTURE(net::notation(express(parent, space)));
        CAPTURE(net::notation(express(child, space)));
        CHECK((changed < 1e-5 || impossible));
    }
    return found;
}

} // namespace

TEST_CASE("edits that make a network larger keep its function, but for those where no weights could") {
    for (const Edit& edit : edits) {
        const Count found = count(edit, digit_space, 800);
        MESSAGE(edit.name, ": ", found.kept, " of ", found.made, " keep the function, ", found.impossible, " cannot");
        CHECK(found.made >= 18);
    }
}

TEST_CASE("so they do for colours and for series") {
    for (const Space& space : {Space{{3, 32, 32}, 2}, Space{{6, 64, 1}, 6}})
        for (const Edit& edit : edits) count(edit, space, 40);
}

TEST_CASE("a layer that comes in relays as far as it is wide") {
    Random random(1, "relay");
    search::detail::FullKernel map(3, 5, 1, 1); // three outputs of five inputs
    for (double& weight : map.weights) weight = random.normal();
    for (double& bias : map.biases) bias = random.normal();
    const auto difference = [&](const search::detail::Relay& relay, double low, double high) {
        double largest = 0;
        for (int i = 0; i < 200; ++i) {
            std::vector<double> x(5), middle;
            for (double& value : x) value = random.uniform(low, high);
            for (int m = 0; m < relay.first.outputs; ++m) {
                double sum = relay.first.biases[std::size_t(m)];
                for (int c = 0; c < 5; ++c) sum += relay.first.tap(m, c, 0) * x[std::size_t(c)];
                middle.push_back(std::max(0.0, sum));
            }
            for (int o = 0; o < 3; ++o) {
                double direct = map.biases[std::size_t(o)], through = relay.last.biases[std::size_t(o)];
                for (int c = 0; c < 5; ++c) direct += map.tap(o, c, 0) * x[std::size_t(c)];
                for (std::size_t m = 0; m < middle.size(); ++m) through += relay.last.tap(o, int(m), 0) * middle[m];
                largest = std::max(largest, std::abs(direct - through));
            }
        }
        return largest;
    };
    for (int middle = 1; middle <= 12; ++middle)
        for (const bool negative : {false, true})
            for (const double known : {0.0, 2.0}) {
                CAPTURE(middle);
                CAPTURE(negative);
                CAPTURE(known);
                const auto relay = search::detail::relay_of(map, middle, {negative, known});
                const bool possible = middle >= 6 || (middle >= 3 && known > 0) || (middle >= 5 && !negative);
                REQUIRE(relay.has_value() == possible);
                if (relay) CHECK(difference(*relay, negative ? -2 : 0, 2) < 1e-12);
            }
}
