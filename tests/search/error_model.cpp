// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/search/error_model.hpp"
#include "fake.hpp"

using namespace tinysparse;
using namespace tinysparse::search;
using namespace tinysparse::search::test;

namespace {

/// Random networks with the errors of fake.hpp, the first ones seen.
struct Networks {
    Problem problem;
    std::vector<Record> records;

    explicit Networks(std::size_t count) {
        problem.space = {{1, 28, 28}, 10};
        problem.estimate = [this](const space::Genome& genome) { return fake_costs(problem.space, genome); };
        Random random(2, "error model");
        for (std::size_t i = 0; i < count; ++i) {
            Record record;
            record.trial.number = i;
            record.trial.epochs = 3;
            record.trial.genome = space::sample(problem.space, random);
            record.trial.key = space::key(record.trial.genome, problem.space);
            record.outcome.measures = fake_costs(problem.space, record.trial.genome);
            record.outcome.measures[Measure::error] = fake_error(problem.space, record.trial);
            record.feasible = true;
            records.push_back(record);
        }
    }
    Networks(const Networks&) = delete;
    View view(std::size_t seen) const {
        std::vector<const Record*> first;
        for (std::size_t i = 0; i < seen; ++i) first.push_back(&records[i]);
        return View(problem, first, {});
    }
};

} // namespace

TEST_CASE("errors of networks not trained yet are predicted, better than by the mean of those that were") {
    const Networks networks(80);
    const View view = networks.view(40);
    double mean = 0;
    for (const Individual& individual : view.individuals())
        mean += individual.point[0] / double(view.individuals().size());
    const std::map<std::string, double> share_left{{"matern", 0.15}, {"arc", 0.4}};
    for (const KernelInfo& kernel : kernels) {
        CAPTURE(kernel.name);
        ErrorModels models(kernel);
        const ErrorModel model = models.of(view);
        double by_model = 0, by_mean = 0;
        for (std::size_t i = 40; i < 80; ++i) {
            const Record& record = networks.records[i];
            const double truth = std::log(view.projected(*record.outcome.measures[Measure::error], 3));
            const double found = model.process().predict(model.point(record.trial.genome)).mean;
            by_model += (found - truth) * (found - truth);
            by_mean += (mean - truth) * (mean - truth);
        }
        CAPTURE(by_model / by_mean);
        CHECK(by_model < share_left.at(std::string(kernel.name)) * by_mean);
    }
}

TEST_CASE("genes that a network does not have say nothing to the arc kernel") {
    const space::Space digits{{1, 28, 28}, 10};
    const KernelInfo& arc = kernel_of("arc");
    const auto kernel = arc.make(digits);
    space::Genome one;
    space::Genome other = one;
    other.front.pool = one.front.pooling == net::Pooling::none ? one.front.pool + 1 : one.front.pool;
    CHECK((*kernel)(arc.point(one, digits), arc.point(other, digits)) == 1); // the window of no pooling
    other.stages.push_back(other.stages[0]);
    const double deeper = (*kernel)(arc.point(one, digits), arc.point(other, digits));
    CHECK(deeper < 1);
    // How the new stage looks does not matter to one that has none.
    const std::vector<double> before = arc.point(other, digits);
    other.stages[1].units[0].width = 64;
    CHECK(arc.point(other, digits) != before);
    std::vector<double> a = arc.point(one, digits), b = before, c = arc.point(other, digits);
    CHECK((*kernel)(a, b) == doctest::Approx((*kernel)(a, c)).epsilon(1e-12));
}

TEST_CASE("a kernel of that name does not exist: the Error says which do") {
    CHECK(kernel_names() == std::vector<std::string>{"matern", "arc"});
    CHECK_THROWS_WITH_AS(kernel_of("ark"), "kernel ark is not known; did you mean arc? It is one of matern, arc",
                         Error);
}
