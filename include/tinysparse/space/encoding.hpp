// SPDX-License-Identifier: Apache-2.0
// A Genome as a vector of fixed length for models of the search: values in [0, 1], and which of them the Genome has at
// all (the width of a fourth stage means nothing to a network of two). Widths and rates are on a log scale.
#pragma once
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tinysparse/space/genome.hpp"

namespace tinysparse::space {

struct Dimension {
    enum class Kind : std::uint8_t { real, integer, categorical };
    std::string name; ///< "stage2.unit1.width"
    std::string role; ///< What dimensions of one meaning share: "unit.width".
    Kind kind = Kind::real;
    int levels = 0; ///< Of integer and categorical dimensions: their values are i / (levels - 1).
};

struct Encoding {
    std::vector<double> values;       ///< In [0, 1]; 0 where inactive.
    std::vector<std::uint8_t> active; ///< 1 where the Genome has the dimension.
};

namespace detail {

/// Visits every dimension of the space in one fixed order, so that names and values cannot come apart.
template <class Visitor> class Walk {
  public:
    Walk(const Space& space, const Genome& genome, Visitor& visit) : space_(space), genome_(genome), visit_(visit) {}

    void run() {
        const Front& front = genome_.front;
        const bool front_pool = front.pooling != net::Pooling::none;
        integer("front.downsampling", "downsampling", true, front.downsampling - 1, largest_downsampling);
        width("front.width", "front.width", true, front.width);
        integer("front.kernel", "front.kernel", true, front.kernel / 2, 4);
        integer("front.stride", "stride", true, front.stride - 1, 2);
        categorical("front.pooling", "front.pooling", true, int(front.pooling), 3);
        integer("front.pool", "pool", front_pool, front.pool - 2, largest_pool - 1);
        integer("stages", "stages", true, int(genome_.stages.size()) - 1, space_.most_stages);
        for (int i = 0; i < space_.most_stages; ++i) stage(i);
        const bool has_hidden = genome_.end.kind != EndKind::flat;
        categorical("end.kind", "end.kind", true, int(genome_.end.kind), 3);
        integer("end.hidden", "end.hidden", has_hidden, genome_.end.width > 0, 2);
        width("end.width", "end.width", has_hidden && genome_.end.width > 0, genome_.end.width);
        std::size_t bits = 0;
        while (bits + 1 < space_.bits.size() && space_.bits[bits] != genome_.bits) ++bits;
        categorical("bits", "bits", true, int(bits), int(space_.bits.size()));
        const Training& training = genome_.training;
        real("training.learning_rate", "learning_rate", true,
             log_share(training.learning_rate, smallest_learning_rate, largest_learning_rate));
        real("training.batch", "batch", true, log_share(training.batch, smallest_batch, largest_batch));
        integer("training.shift", "shift", true, training.shift, largest_shift + 1);
    }

  private:
    void stage(int i) {
        static const Stage absent;
        const bool here = i < int(genome_.stages.size());
        const Stage& stage = here ? genome_.stages[std::size_t(i)] : absent;
        const std::string name = text("stage", i + 1);
        integer(name + ".units", "units", here, int(stage.units.size()) - 1, space_.most_units);
        categorical(name + ".residual", "residual", here, stage.residual, 2);
        categorical(name + ".pooling", "pooling", here, int(stage.pooling), 3);
        integer(name + ".pool", "pool", here && stage.pooling != net::Pooling::none, stage.pool - 2, largest_pool - 1);
        for (int j = 0; j < space_.most_units; ++j) {
            static const Unit no_unit;
            const bool has_unit = here && j < int(stage.units.size());
            const Unit& unit = has_unit ? stage.units[std::size_t(j)] : no_unit;
            const std::string unit_name = text(name, ".unit", j + 1);
            categorical(unit_name + ".kind", "unit.kind", has_unit, int(unit.kind), 3);
            width(unit_name + ".width", "unit.width", has_unit, unit.width);
            integer(unit_name + ".kernel", "unit.kernel", has_unit && unit.kind != UnitKind::pointwise, unit.kernel / 2,
                    4);
            categorical(unit_name + ".linear", "unit.linear", has_unit && unit.kind == UnitKind::separable, unit.linear,
                        2);
        }
    }
    static double log_share(double value, double low, double high) {
        return std::log(value / low) / std::log(high / low);
    }
    void real(std::string name, std::string role, bool active, double value) {
        visit_(Dimension{std::move(name), std::move(role), Dimension::Kind::real, 0}, active, value);
    }
    void width(std::string name, std::string role, bool active, int value) {
        real(std::move(name), std::move(role), active,
             active ? log_share(value, 1, std::max(space_.largest_width, 2)) : 0);
    }
    void integer(std::string name, std::string role, bool active, int level, int levels) {
        visit_(Dimension{std::move(name), std::move(role), Dimension::Kind::integer, levels}, active,
               share(level, levels));
    }
    void categorical(std::string name, std::string role, bool active, int level, int levels) {
        visit_(Dimension{std::move(name), std::move(role), Dimension::Kind::categorical, levels}, active,
               share(level, levels));
    }
    static double share(int level, int levels) { return levels > 1 ? double(level) / (levels - 1) : 0; }

    const Space& space_;
    const Genome& genome_;
    Visitor& visit_;
};

template <class Visitor> void walk(const Space& space, const Genome& genome, Visitor visit) {
    Walk<Visitor>(space, genome, visit).run();
}

} // namespace detail

/// The dimensions of the space, in the order of encode().
inline std::vector<Dimension> dimensions(const Space& space) {
    std::vector<Dimension> out;
    detail::walk(space, Genome{}, [&](Dimension dimension, bool, double) { out.push_back(std::move(dimension)); });
    return out;
}

/// The Genome as numbers, one for each of dimensions(space).
inline Encoding encode(const Genome& genome, const Space& space) {
    Encoding out;
    detail::walk(space, genome, [&](const Dimension&, bool active, double value) {
        out.values.push_back(active ? value : 0.0);
        out.active.push_back(active);
    });
    return out;
}

} // namespace tinysparse::space
