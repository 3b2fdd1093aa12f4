// SPDX-License-Identifier: Apache-2.0
// Plans where each layer of a network gets its weights from if it begins as the child of another one of the space
// (Chen, Goodfellow, Shlens 2016; Elsken, Metzen, Hutter 2019), by shapes alone; search/transplant.hpp moves the
// weights. If the child is the parent made wider, deeper, larger in its kernels, or with one more head, it computes
// exactly the function of the parent:
//   wider     new channels read existing ones at random and are read with weights of zero; a residual sum that begins
//             or ends with equal widths is subtracted from, or added to, the weights of a convolution at its centre
//   deeper    a new unit begins as the identity, or as zero beside its residual
//   kernels   zeros are added around them
//   head      begins with weights of zero
//   end       a new pointwise or hidden layer relays the input of the layer behind it (search/relay.hpp)
// In two cases no weights can do this. A bottleneck passes on fewer channels than it reads, so a new one without a
// residual cannot be the identity. A unit of two layers is a product too narrow for an identity to be added or
// subtracted. A unit of another kind is the old one's convolution brought into the new form, as exactly as possible.
// Layers without an ancestor begin at random.
#pragma once
#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

#include "tinysparse/space/align.hpp"
#include "tinysparse/space/express.hpp"

namespace tinysparse::space {

/// Source of the channels that leave a layer of the child: a layer of the parent, net::picture, or nowhere.
inline constexpr int nowhere = -2;

/// How one layer of the child begins.
struct Takeover {
    /// Where the layer's weights come from.
    enum Action {
        copy,           ///< The parent's layer `old`, channels and window adapted.
        copy_depthwise, ///< The same for a depthwise layer, channel by channel.
        convert,        ///< With the rest of its unit: made from the parent's unit `old`, which is of another kind.
        converted,      ///< Set by the unit's first layer.
        pass_on,        ///< A convolution that passes its channels on.
        pass_depthwise, ///< A depthwise layer that passes its channels on.
        average,        ///< A depthwise layer over all positions that averages them.
        zero_residual,  ///< Weights of zero beside a residual.
        zero_head,      ///< Weights of zero, so that the logits stay what they are.
        relay,          ///< With the layer behind it: made from the parent's layer `old`, which they replace.
        relayed,        ///< Set by the layer before it.
        fresh           ///< Random; `old`, if any, had this layer's place.
    };
    Action action = fresh;
    int old = -1;         ///< The parent's layer; for a unit, its main one; -1: none.
    int old_first = -1;   ///< The layer before `old` in the parent's unit; -1: none.
    int source = nowhere; ///< Source of the channels that leave this layer.
};

/// The child's Spec with the beginning of each of its layers.
struct InheritancePlan {
    net::Spec spec;               ///< Spec of the child.
    std::vector<Takeover> layers; ///< One per layer of it.
};

namespace detail {

class InheritancePlanner {
  public:
    InheritancePlanner(const Genome& child, const Genome& parent, const net::Spec& parent_spec, const Space& space)
        : own_(expressed(child, space)), old_(expressed(parent, space)), old_spec_(parent_spec),
          units_(align(child, parent)) {}

    std::optional<InheritancePlan> plan() {
        if (old_.roles.size() != old_spec_.layers.size()) return std::nullopt;
        layers_.resize(own_.spec.layers.size());
        for (std::size_t i = 0; i < layers_.size(); ++i)
            if (layers_[i].action != Takeover::converted && layers_[i].action != Takeover::relayed)
                layers_[i] = layer(i);
        return InheritancePlan{std::move(own_.spec), std::move(layers_)};
    }

  private:
    using Part = Role::Part;

    const net::Layer& spec(std::size_t i) const { return own_.spec.layers[i]; }
    const net::Layer& old_spec(int i) const { return old_spec_.layers[std::size_t(i)]; }

    /// The parent's layer with this role, or -1.
    int find(Role role) const {
        const auto found = std::find(old_.roles.begin(), old_.roles.end(), role);
        return found == old_.roles.end() ? -1 : int(found - old_.roles.begin());
    }
    /// Layers of the parent that form a unit: its main layer and the one before it, or -1.
    struct OldUnit {
        int first = -1, main = -1;
    };
    OldUnit old_unit(const Role& role) const {
        const AlignedUnit& unit = *std::find_if(units_.begin(), units_.end(), [&](const AlignedUnit& aligned) {
            return aligned.child == UnitPlace{role.stage, role.unit};
        });
        if (!unit.matched) return {};
        return {find({Part::first, unit.parent.stage, unit.parent.unit}),
                find({Part::main, unit.parent.stage, unit.parent.unit})};
    }
    /// The parent's layer of a head that reads the channels of `in`, or -1.
    int old_head(Part part, int in) const {
        for (std::size_t i = 0; i < old_.roles.size(); ++i)
            if (old_.roles[i].part == part && old_source(int(i)) == in) return int(i);
        return -1;
    }

    /// Source of the channels that a layer of the child reads.
    int source_of_input(std::size_t i) const {
        const int input = spec(i).input;
        return input == net::picture ? net::picture : layers_[std::size_t(input)].source;
    }
    /// Source of the channels that a layer of the parent reads: depthwise layers pass them on.
    int old_source(int layer) const {
        int input = old_spec(layer).input;
        while (input != net::picture && net::reads_one_channel(old_spec(input))) input = old_spec(input).input;
        return input;
    }

    Takeover layer(std::size_t i) {
        const Role& role = own_.roles[i];
        const int in = source_of_input(i);
        if (role.part == Part::first || role.part == Part::main) return unit(i, role, in);
        // A new head begins with zeros behind an average, so that the logits stay the same.
        const int old =
            role.part == Part::head || role.part == Part::head_positions ? old_head(role.part, in) : find(role);
        const bool follows = old >= 0 && old_source(old) == in;
        if (role.part == Part::head_positions || role.part == Part::positions)
            return follows ? Takeover{Takeover::copy_depthwise, old, -1, in} : Takeover{Takeover::average, -1, -1, in};
        if (follows) return {Takeover::copy, old, -1, old};
        if (old < 0 && (role.part == Part::end || role.part == Part::hidden))
            if (const int reader = find(own_.roles[i + 1]); reader >= 0 && old_source(reader) == in) {
                layers_[i + 1] = {Takeover::relayed, reader, -1, reader};
                return {Takeover::relay, reader, -1, in};
            }
        if (role.part == Part::end) return {Takeover::pass_on, -1, -1, in};
        return role.part == Part::head ? Takeover{Takeover::zero_head} : fresh(old);
    }

    /// A layer that begins at random but has an ancestor: layers behind it still find the channels in their old places.
    static Takeover fresh(int old) { return {Takeover::fresh, old, -1, old >= 0 ? old : nowhere}; }

    Takeover unit(std::size_t i, const Role& role, int in) {
        const OldUnit old = old_unit(role);
        const bool is_first = role.part == Part::first, passes = is_first && net::reads_one_channel(spec(i));
        const std::size_t main = is_first ? i + 1 : i;
        const bool has_first =
            is_first || (i > 0 && own_.roles[i - 1].part == Part::first && own_.roles[i - 1].stage == role.stage &&
                         own_.roles[i - 1].unit == role.unit);
        if (old.main < 0) { // no ancestor: the identity, or nothing beside its residual
            if (passes) return {Takeover::pass_depthwise, -1, -1, in};
            if (!is_first && spec(i).residual != net::none)
                return {Takeover::zero_residual, -1, -1, layers_[std::size_t(spec(i).residual)].source};
            return {Takeover::pass_on, -1, -1, in};
        }
        const int same = is_first ? old.first : old.main;
        const std::size_t begin = has_first ? main - 1 : main;
        const int entry = source_of_input(begin), source = old_source(old.first >= 0 ? old.first : old.main);
        // Behind a removed unit, only the channels of a residual sum keep their meaning.
        const bool follows = entry == source || (entry >= 0 && spec(main).residual != net::none);
        if (!follows) return passes ? Takeover{Takeover::pass_depthwise, -1, -1, in} : fresh(same);
        const bool alike =
            has_first == (old.first >= 0) && (!has_first || spec(begin).kind == old_spec(old.first).kind);
        if (alike)
            return passes ? Takeover{Takeover::copy_depthwise, same, -1, in} : Takeover{Takeover::copy, same, -1, same};
        if (!has_first) return {Takeover::convert, old.main, old.first, old.main};
        layers_[main] = {Takeover::converted, old.main, old.first, old.main};
        return {Takeover::convert, old.main, old.first, entry};
    }

    Expression own_, old_;
    const net::Spec& old_spec_;
    std::vector<AlignedUnit> units_;
    std::vector<Takeover> layers_;
};

} // namespace detail

/// The sources of the weights for the network of `child`. parent_spec: that of the trained parent, from which pruning
/// may have removed channels. Nothing if its layers are not those of the parent's Genome.
inline std::optional<InheritancePlan> plan_inheritance(const Genome& child, const Genome& parent,
                                                       const net::Spec& parent_spec, const Space& space) {
    return detail::InheritancePlanner(child, parent, parent_spec, space).plan();
}

} // namespace tinysparse::space
