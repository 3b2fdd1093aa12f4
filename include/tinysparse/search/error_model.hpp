// SPDX-License-Identifier: Apache-2.0
// A prediction of an untrained network's error from the trials so far: log error at the top fidelity as a Gaussian
// process, over features of the network or over its genes, with a mean that is linear in the logarithms of weights and
// operations. Larger networks err less; the mean continues this beyond the networks tried, where a process would
// otherwise return to the mean of all. Other objectives, also as logarithms, can be modelled in the same way, as if
// they could not be computed.
#pragma once
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tinysparse/base/rows.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/gp/arc.hpp"
#include "tinysparse/gp/combine.hpp"
#include "tinysparse/gp/fit.hpp"
#include "tinysparse/gp/hamming.hpp"
#include "tinysparse/gp/process.hpp"
#include "tinysparse/gp/stationary.hpp"
#include "tinysparse/search/features.hpp"
#include "tinysparse/search/view.hpp"
#include "tinysparse/space/encoding.hpp"

namespace tinysparse::search {

/// A kernel of the error model and the points that it takes. Columns 0 and 1 of a point are the logarithms in which the
/// mean is linear.
struct KernelInfo {
    std::string_view name;
    std::vector<double> (*point)(const space::Genome&, const space::Space&); ///< Coordinates of a genome.
    /// A kernel over such points, with hyper-parameters at their priors.
    std::unique_ptr<gp::Kernel> (*make)(const space::Space&);
};

namespace detail {

inline std::vector<double> feature_point(const space::Genome& genome, const space::Space& space) {
    const Features all = features(genome, space);
    return {all.begin(), all.end()};
}
inline std::unique_ptr<gp::Kernel> feature_kernel(const space::Space&) {
    // Features are made to have ranges of about 1, of which the trials so far may cover little.
    const std::vector<double> widths(feature_count, 1.0);
    return gp::Stationary(gp::Columns::all(feature_count), gp::Profile::matern52, widths).clone();
}

/// The two columns of the mean, then the genes, inactive if the genome does not have them.
inline std::vector<double> gene_point(const space::Genome& genome, const space::Space& space) {
    const Features all = features(genome, space);
    const space::Encoding genes = space::encode(genome, space);
    std::vector<double> point{all[0], all[1]};
    for (std::size_t k = 0; k < genes.values.size(); ++k)
        point.push_back(genes.active[k] ? genes.values[k] : gp::inactive);
    return point;
}
/// Arc on the numbers times Hamming on the categories; genes with the same meaning share their parameters.
inline std::unique_ptr<gp::Kernel> gene_kernel(const space::Space& space) {
    gp::Columns numbers, categories;
    std::map<std::string, std::size_t> number_roles, category_roles;
    std::size_t column = 2;
    for (const space::Dimension& dimension : space::dimensions(space)) {
        const bool is_category = dimension.kind == space::Dimension::Kind::categorical;
        gp::Columns& columns = is_category ? categories : numbers;
        auto& roles = is_category ? category_roles : number_roles;
        columns.index.push_back(column++);
        columns.role.push_back(roles.try_emplace(dimension.role, roles.size()).first->second);
    }
    const std::vector<gp::Arc::Range> ranges(numbers.size());
    return gp::Product(gp::Arc(numbers, ranges, gp::Profile::matern52), gp::Hamming(categories)).clone();
}

} // namespace detail

/// matern: features.hpp, a few numbers that describe the capacity of a network. arc: the genes themselves, a
/// conditional space (SpArSe, Fedorov et al. 2019), which needs more trials to learn from.
inline constexpr KernelInfo kernels[] = {{"matern", detail::feature_point, detail::feature_kernel},
                                         {"arc", detail::gene_point, detail::gene_kernel}};
/// Names that --kernel takes.
inline std::vector<std::string> kernel_names() { return names_of(kernels); }

/// The kernel with that name. Throws Error with the nearest name if there is none.
inline const KernelInfo& kernel_of(std::string_view name) {
    if (const KernelInfo* found = row_named(kernels, name)) return *found;
    throw Error(not_known("kernel", name, kernel_names()));
}

/// A Gaussian process over the networks of a view, for one objective.
class ErrorModel {
  public:
    /// Models one objective, the error or another, conditioned on the view's individuals; hyper-parameters are at their
    /// priors.
    ErrorModel(const View& view, const KernelInfo& kernel, std::size_t objective = 0)
        : kernel_(&kernel), space_(&view.problem().space),
          process_(*kernel.make(view.problem().space), gp::Mean::linear(0, 1)) {
        gp::Matrix points;
        std::vector<double> outputs, variances;
        for (const Individual& individual : view.individuals()) {
            points.append_row(point(individual.record->trial.genome));
            outputs.push_back(individual.point[objective]);
            if (view.problem().objectives[objective] == Measure::error)
                variances.push_back(log_error_variance(individual.record->outcome, view.problem().smallest_error));
        }
        process_.condition(std::move(points), std::move(outputs), std::move(variances));
    }

    /// Fits the hyper-parameters from scratch. stream: number of the random starting points, so that fits can be
    /// repeated.
    void fit(std::size_t stream) {
        Random random(0, "fit", stream);
        gp::fit(process_, random, {.warm_start = false, .cold_starts = 2});
    }
    /// Uses hyper-parameters that were fitted to fewer records of the same kind.
    void take_hyperparameters(const ErrorModel& other) {
        std::vector<double> values;
        for (const gp::Parameter& parameter : other.process_.kernel().parameters()) values.push_back(parameter.value);
        process_.set_hyperparameters(values, other.process_.noise_variance());
    }

    /// The point of a genome in the process.
    std::vector<double> point(const space::Genome& genome) const { return kernel_->point(genome, *space_); }
    /// The process; it models the logarithm of the objective.
    const gp::GaussianProcess& process() const { return process_; }

  private:
    const KernelInfo* kernel_;
    const space::Space* space_;
    gp::GaussianProcess process_;
};

/// Models whose hyper-parameters are fitted anew whenever the number of records has grown by a fifth. They are a
/// function of the first records of the run alone, so a resumed run finds the same ones.
class ErrorModels {
  public:
    /// No model yet; `kernel` must outlive this.
    explicit ErrorModels(const KernelInfo& kernel, std::size_t objective = 0)
        : kernel_(&kernel), objective_(objective) {}

    /// A model of all records of the view, with hyper-parameters that were fitted when the last fifth was full.
    ErrorModel of(const View& view) {
        std::size_t count = 8;
        while (count * 6 / 5 <= view.records().size()) count = count * 6 / 5;
        if (count != count_ || !fitted_) {
            const auto first = view.records().begin();
            const std::size_t size = std::min(count, view.records().size());
            fitted_.emplace(View(view.problem(), {first, first + std::ptrdiff_t(size)}, {}), *kernel_, objective_);
            fitted_->fit(count);
            count_ = count;
        }
        ErrorModel model(view, *kernel_, objective_);
        model.take_hyperparameters(*fitted_);
        return model;
    }

  private:
    const KernelInfo* kernel_;
    std::size_t objective_, count_ = 0;
    std::optional<ErrorModel> fitted_;
};

} // namespace tinysparse::search
