// SPDX-License-Identifier: Apache-2.0
// A Genome as a vector of fixed length for models of the search: values in [0, 1], and flags for the dimensions that
// the Genome has (a network of two stages has no width of a fourth stage). Widths and rates are on a log scale.
#pragma once
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tinysparse/space/augmentation.hpp"
#include "tinysparse/space/genome.hpp"

namespace tinysparse::space {

/// One place of the vector.
struct Dimension {
    /// How values may be compared: by distance, by distance in steps, or for equality only.
    enum class Kind : std::uint8_t { real, integer, categorical };
    std::string name; ///< "stage2.unit1.width"
    std::string role; ///< Shared by dimensions of the same meaning: "unit.width".
    Kind kind = Kind::real;
    int levels = 0; ///< Number of values of integer and categorical dimensions: i / (levels - 1).
};

/// A genome's vector, one place per dimension of its space.
struct Encoding {
    std::vector<double> values;       ///< Values in [0, 1]; 0 if inactive.
    std::vector<std::uint8_t> active; ///< 1 if the Genome has the dimension.
};

namespace detail {

/// Visits every dimension of the space in one fixed order, so that names and values always match.
template <class Visitor> class Walk {
  public:
    Walk(const Space& space, const Genome& genome, Visitor& visit) : space_(space), genome_(genome), visit_(visit) {}

    void run() {
        visit_group("front", genome_.front, true);
        integer(Gene::stages, "stages", true, int(genome_.stages.size()));
        for (int i = 0; i < space_.largest(Gene::stages); ++i) stage(i);
        visit_group("end", genome_.end, true);
        visit_group("training", genome_.training, true);
        visit_group("pruning", genome_.pruning, true);
    }

  private:
    void stage(int i) {
        static const Stage absent;
        const bool here = i < int(genome_.stages.size());
        const Stage& stage = here ? genome_.stages[std::size_t(i)] : absent;
        const std::string name = text("stage", i + 1);
        integer(Gene::stage_units, name + ".units", here, int(stage.units.size()));
        visit_group(name, stage, here);
        for (int j = 0; j < space_.largest(Gene::stage_units); ++j) {
            static const Unit no_unit;
            const bool has_unit = here && j < int(stage.units.size());
            visit_group(text(name, ".unit", j + 1), has_unit ? stage.units[std::size_t(j)] : no_unit, has_unit);
        }
    }

    template <class Group> void visit_group(const std::string& name, Group group, bool here) {
        auto visit = [&](Gene gene, auto& value) {
            const std::string own = text(name, ".", short_name(gene));
            const bool active = here && matters(gene, group);
            if constexpr (std::is_same_v<decltype(value), int&>)
                integer(gene, own, active, value);
            else
                real(gene, own, active, value);
        };
        for_genes(group, visit);
    }

    // False for genes whose value follows from others.
    static bool matters(Gene gene, const Front& front) {
        return gene != Gene::front_pool || front.pooling != net::Pooling::none;
    }
    static bool matters(Gene gene, const Stage& stage) {
        return gene != Gene::stage_pool || stage.pooling != net::Pooling::none;
    }
    static bool matters(Gene gene, const Unit& unit) {
        const bool is_separable = unit.kind == UnitKind::separable, narrows = unit.kind == UnitKind::bottleneck;
        return gene == Gene::unit_kernel    ? unit.kind != UnitKind::pointwise
               : gene == Gene::unit_linear  ? is_separable || narrows
               : gene == Gene::unit_squeeze ? narrows
                                            : true;
    }
    static bool matters(Gene gene, const End& end) {
        return gene == Gene::end_width    ? end.kind != EndKind::flat && end.width > 0
               : gene == Gene::end_hidden ? end.hidden > 0
                                          : true;
    }
    bool matters(Gene gene, const Training&) const { return takes_effect(gene, space_); }
    static bool matters(Gene gene, const Pruning& pruning) { return gene != Gene::keep || pruning.method.has_value(); }

    void integer(Gene gene, std::string name, bool active, int value) {
        const GeneInfo& about = info(gene);
        const std::vector<int>& values = space_[gene].values;
        const bool is_width = gene == Gene::front_width || gene == Gene::unit_width || gene == Gene::end_width ||
                              gene == Gene::end_hidden;
        if (is_width) {
            const double low = std::log(values.front() + 1.0), high = std::log(values.back() + 1.0);
            visit_(Dimension{std::move(name), std::string(about.name), Dimension::Kind::real, 0}, active,
                   high > low ? (std::log(value + 1.0) - low) / (high - low) : 0);
            return;
        }
        const std::size_t level = std::size_t(std::find(values.begin(), values.end(), value) - values.begin());
        visit_(Dimension{std::move(name), std::string(about.name),
                         about.names.size() ? Dimension::Kind::categorical : Dimension::Kind::integer,
                         int(values.size())},
               active && level<values.size(), values.size()> 1 ? double(level) / double(values.size() - 1) : 0);
    }
    void real(Gene gene, std::string name, bool active, double value) {
        const Range& range = space_[gene];
        const bool is_log = range.low > 0;
        const auto scale = [&](double x) { return is_log ? std::log(x) : x; };
        visit_(Dimension{std::move(name), std::string(info(gene).name), Dimension::Kind::real, 0}, active,
               range.high > range.low ? (scale(value) - scale(range.low)) / (scale(range.high) - scale(range.low)) : 0);
    }

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

/// The Genome as numbers, one per dimension of dimensions(space).
inline Encoding encode(const Genome& genome, const Space& space) {
    Encoding out;
    detail::walk(space, genome, [&](const Dimension&, bool active, double value) {
        out.values.push_back(active ? value : 0.0);
        out.active.push_back(active);
    });
    return out;
}

} // namespace tinysparse::space
