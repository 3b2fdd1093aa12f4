// SPDX-License-Identifier: Apache-2.0
// The numbers that an exported network predicts: a constant for each, and value(), which turns a logit into a number
// (mcu/answer.hpp).
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tinysparse/deploy/channels.hpp"
#include "tinysparse/deploy/exported.hpp"
#include "tinysparse/deploy/writer.hpp"
#include "tinysparse/fixed/numbers.hpp"

namespace tinysparse::deploy {

/// Name of the constant of each number: `value_` and the column's name as in channel_constants().
inline std::vector<std::string> value_constants(const std::vector<Quantity>& quantities) {
    std::vector<std::string> names;
    for (const Quantity& quantity : quantities) names.push_back(quantity.name);
    return constants_of(names, "value_");
}

namespace detail {

/// Comments and declarations of a model that predicts numbers.
class NumbersText {
  public:
    NumbersText(const Exported& exported, Writer& out)
        : exported_(exported), model_(exported.model), quantities_(exported.model.quantities), out_(out) {
        for (const Quantity& quantity : quantities_) {
            origins_.push_back(quantity.origin);
            scales_.push_back(fixed::logit_scale(exported.network, quantity));
        }
    }

    /// Calls for the answer, in the header's first comment.
    void comment() {
        usage(out_, "net.finish();", "0 if the answer is ready; 255 while rows are missing");
        const std::vector<std::string> names = value_constants(quantities_);
        for (const std::string& name : names)
            usage(out_, text("float y = net.value(", names.size() == 1 ? "" : text(exported_.name, "::", name), ");"),
                  "the number, in the unit of its column");
    }
    /// The numbers and their errors.
    void errors() {
        const std::vector<std::string> names = value_constants(quantities_);
        const auto error = [](const std::vector<double>& rmse, std::size_t k) {
            return rmse.empty() ? std::string("not measured") : text(float(rmse[k]));
        };
        for (std::size_t k = 0; k < quantities_.size(); ++k)
            out_.line(0, "// ", names[k], ": ",
                      quantities_[k].name.empty() ? "no name" : text("column ", comment_text(quantities_[k].name)),
                      "; RMSE test ", error(model_.test_rmse, k), ", validation ", error(model_.validation_rmse, k),
                      " (this integer network), validation in float ", error(model_.float_rmse, k));
    }

    void constants() {
        out_.line(0, "/// Index of each number.");
        out_.line(0, "enum Value : uint8_t {");
        for (const std::string& name : value_constants(quantities_)) out_.line(1, name, ",");
        out_.line(0, "};");
        if (quantities_.size() == 1)
            out_.line(0, "constexpr float value_origin = ", float_literal(origins_[0]),
                      ", value_scale = ", float_literal(scales_[0]), "; // value = origin + scale * logit");
        out_.line();
    }

    /// Members of the network's class.
    void members() {
        const bool one = quantities_.size() == 1;
        const auto constant = [&](const char* single, const char* table) {
            return one ? std::string(single) : text("mcu::read_flash_float(Tables<void>::", table, " + 4 * index)");
        };
        out_.line(1, "/// A predicted number, in the unit of its column, valid after the last row.");
        out_.line(1, "float value(uint8_t index", one ? " = 0" : "", ") const {");
        out_.line(2, "return mcu::number_of_logit(logits_[index], ", constant("value_origin", "value_origins"),
                  one ? ", " : ",\n                                    ", constant("value_scale", "value_scales"),
                  ");");
        out_.line(1, "}");
        out_.line(1, "/// The first number for a whole ", exported_.sample_word(),
                  " in memory, row after row; value() has all.");
        out_.line(1, "float predict(const ", exported_.raw_type(), "* picture) {");
    }

    /// Tables in program memory that value() reads: names and floats, four bytes each.
    std::vector<std::pair<std::string, std::vector<std::uint8_t>>> tables() const {
        if (quantities_.size() < 2) return {};
        return {{"value_origins", float_bytes(origins_)}, {"value_scales", float_bytes(scales_)}};
    }

  private:
    const Exported& exported_;
    const fixed::Model& model_;
    const std::vector<Quantity>& quantities_;
    std::vector<float> origins_, scales_; ///< scales_: per step of a logit.
    Writer& out_;
};

} // namespace detail

} // namespace tinysparse::deploy
