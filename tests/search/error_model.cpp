// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/search/error_model.hpp"
#include "fake.hpp"

using namespace tinysparse;
using namespace tinysparse::search;
using namespace tinysparse::search::test;

TEST_CASE("errors of networks not trained yet are predicted, better than by the mean of those that were") {
    Problem problem;
    problem.space = {{1, 28, 28}, 10};
    problem.estimate = [&](const space::Genome& genome) { return fake_costs(problem.space, genome); };
    Random random(2, "error model");
    std::vector<Record> records;
    for (std::size_t i = 0; i < 80; ++i) {
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
    std::vector<const Record*> seen;
    for (std::size_t i = 0; i < 40; ++i) seen.push_back(&records[i]);
    const View view(problem, seen, {});
    ErrorModels models;
    const ErrorModel model = models.of(view);
    double mean = 0, by_model = 0, by_mean = 0;
    for (const Individual& individual : view.individuals())
        mean += individual.point[0] / double(view.individuals().size());
    for (std::size_t i = 40; i < 80; ++i) {
        const double truth = std::log(view.projected(*records[i].outcome.measures[Measure::error], 3));
        const double found = model.mean(features(records[i].trial.genome, problem.space));
        by_model += (found - truth) * (found - truth);
        by_mean += (mean - truth) * (mean - truth);
    }
    CHECK(by_model < 0.15 * by_mean);
}
