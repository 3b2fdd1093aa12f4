// SPDX-License-Identifier: Apache-2.0
// Makes the rows of space/portfolio.hpp from finished runs:
//   make_portfolio NAME=RUN...    one run for each of space::portfolio_sets
// From each front it takes the unpruned networks whose hypervolume, by validation error and costs, covers that of the
// front best, one after the other. Only the front's own set decides this, so a portfolio without the genomes of a set
// does not depend on that set. Each network is then trained afresh on every set, for the second length of its run.
#include <cstdio>
#include <exception>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tinysparse/base/text.hpp"
#include "tinysparse/data/images.hpp"
#include "tinysparse/data/load.hpp"
#include "tinysparse/search/evaluate.hpp"
#include "tinysparse/search/portfolio.hpp"

namespace {

using namespace tinysparse;

constexpr std::size_t members_of_set = 5;

/// Writes what differs from the defaults as designated initialisers, in the order of declaration.
class Fields {
  public:
    template <class Value> void add(const char* name, Value value, Value usual) {
        if (value == usual) return;
        if constexpr (std::is_floating_point_v<Value>) value = space::detail::two_digits(value);
        add(name, text(value));
    }
    void add_switch(const char* name, bool value) {
        if (value) add(name, "true");
    }
    void add(const char* name, const std::string& value) {
        if (!value.empty()) fields_.push_back(text('.', name, " = ", value));
    }
    std::string braced() const { return text('{', join(fields_, ", "), '}'); }
    bool empty() const { return fields_.empty(); }

  private:
    std::vector<std::string> fields_;
};

/// The enumerator of a named gene, or nothing for the usual one.
template <class Value, class Names>
std::string enumerator(const char* type, const Names& names, Value value, Value usual) {
    return value == usual ? std::string() : text(type, "::", names[std::size_t(value)]);
}

std::string pooling_of(net::Pooling pooling) {
    return enumerator("net::Pooling", space::pooling_names, pooling, net::Pooling::average);
}

std::string initialiser(const space::Front& front) {
    const space::Front usual;
    Fields fields;
    fields.add("downsampling", front.downsampling, usual.downsampling);
    fields.add("width", text(front.width));
    fields.add("kernel", front.kernel, usual.kernel);
    fields.add("stride", front.stride, usual.stride);
    fields.add("pooling", pooling_of(front.pooling));
    fields.add("pool", front.pool, usual.pool);
    fields.add("gray", enumerator("Gray", space::gray_names, front.gray, usual.gray));
    fields.add("bits", front.bits, usual.bits);
    return fields.braced();
}

std::string initialiser(const space::Unit& unit) {
    const space::Unit usual;
    Fields fields;
    fields.add("kind", enumerator("UnitKind", space::unit_names, unit.kind, usual.kind));
    fields.add("width", text(unit.width));
    fields.add("kernel", unit.kernel, usual.kernel);
    fields.add("linear", unit.linear ? "" : "false");
    fields.add("squeeze", unit.squeeze, usual.squeeze);
    fields.add("bits", unit.bits, usual.bits);
    return fields.braced();
}

std::string initialiser(const space::Stage& stage) {
    const space::Stage usual;
    std::vector<std::string> units;
    for (const space::Unit& unit : stage.units) units.push_back(initialiser(unit));
    Fields fields;
    fields.add("units", text('{', join(units, ", "), '}'));
    fields.add_switch("residual", stage.residual);
    fields.add("pooling", pooling_of(stage.pooling));
    fields.add("pool", stage.pool, usual.pool);
    fields.add_switch("head", stage.head);
    return fields.braced();
}

std::string initialiser(const space::End& end) {
    const space::End usual;
    Fields fields;
    fields.add("kind", enumerator("EndKind", space::end_names, end.kind, usual.kind));
    fields.add("width", end.width, usual.width);
    fields.add("hidden", end.hidden, usual.hidden);
    fields.add("bits", end.bits, usual.bits);
    return fields.empty() ? "" : fields.braced();
}

std::string initialiser(const space::Training& training) {
    const space::Training usual;
    Fields fields;
    fields.add("learning_rate", training.learning_rate, usual.learning_rate);
    fields.add("batch", training.batch, usual.batch);
    fields.add("steps", training.steps, usual.steps);
    fields.add("weight_decay", training.weight_decay, usual.weight_decay);
    fields.add("label_smoothing", training.label_smoothing, usual.label_smoothing);
    fields.add("shift", training.shift, usual.shift);
    fields.add_switch("flip", training.flip);
    for (const space::AugmentationGene& own : space::augmentation_genes)
        fields.add(std::string(space::detail::short_name(own.gene)).c_str(), training.*own.strength, 0.0);
    return fields.empty() ? "" : fields.braced();
}

std::string initialiser(const space::Genome& genome) {
    std::vector<std::string> stages;
    for (const space::Stage& stage : genome.stages) stages.push_back(initialiser(stage));
    Fields fields;
    fields.add("front", initialiser(genome.front));
    fields.add("stages", text('{', join(stages, ", "), '}'));
    fields.add("end", initialiser(genome.end));
    fields.add("training", initialiser(genome.training));
    return fields.braced();
}

struct Member {
    std::string set;
    space::Genome genome;
};

/// The best covering unpruned networks of a run's front.
std::vector<Member> members_of(const std::string& set, const search::RunLog& log) {
    search::Problem problem;
    problem.objectives = log.head.objectives;
    problem.smallest_error = log.head.smallest_error;
    std::vector<const search::Record*> records;
    std::vector<mobo::Point> points;
    double best = log.head.trivial_error;
    for (const search::Record* record : search::measured_front(log)) {
        if (record->trial.genome.pruning.active() || record->trial.genome.is_linear()) continue;
        const double error = *record->outcome.measures[search::Measure::error];
        best = std::min(best, std::max(error, problem.smallest_error));
        records.push_back(record);
        points.push_back(search::objective_point(problem, record->outcome.measures, error));
    }
    if (records.empty()) throw Error(text(set, ": the front has no unpruned network"));
    const double bound = search::error_reference(best, log.head.trivial_error);
    std::vector<Member> members;
    std::set<std::string> keys; // genomes may differ in genes without effect
    for (const std::size_t i : search::detail::by_cover({points}, {bound}))
        if (members.size() < members_of_set && points[i][0] < bound && keys.insert(records[i]->trial.key).second)
            members.push_back({set, records[i]->trial.genome});
    return members;
}

/// Errors of the genomes in per cent on the set of a run, each trained afresh for the second length.
std::vector<double> errors_on(const search::RunLog& log, const std::vector<Member>& members) {
    const search::RunHead& head = log.head;
    const data::Dataset set = data::load(head.data, data::image_support());
    search::check_data(head, set);
    const search::Evaluator evaluator = search::make_evaluator(set, head, cost::target(head.target), "");
    std::vector<double> errors;
    for (const Member& member : members) {
        search::Trial trial;
        trial.epochs = trial.line_epochs = head.fidelities.confirm;
        trial.genome = space::conformed(member.genome, head.space);
        trial.seed = 1;
        trial.folds = std::max<std::size_t>(1, head.folds);
        double error = head.trivial_error;
        try {
            trial.key = space::key(trial.genome, head.space);
            const auto outcome = evaluator.evaluate(trial, {"portfolio.tsm", {}, {}}, [] { return false; });
            error = *outcome.measures[search::Measure::error];
        } catch (const Error& reason) { // no such network: as bad as the constant answer
            std::fprintf(stderr, "%s: %s\n", head.data.c_str(), reason.what());
        }
        errors.push_back(std::round(std::max(error, head.smallest_error) * 10000) / 100);
        std::fprintf(stderr, "%s: %s: %g %%\n", head.data.c_str(), trial.key.c_str(), errors.back());
    }
    return errors;
}

int make(int count, char** words) {
    std::map<std::string, search::RunLog> logs;
    for (int i = 1; i < count; ++i) {
        const std::string word = words[i];
        const std::size_t equals = word.find('=');
        if (equals == word.npos) throw Error(text(word, ": expected NAME=RUN"));
        const std::string name = space::portfolio_set_names({word.substr(0, equals)}).at(0);
        logs.emplace(name, search::read_run(word.substr(equals + 1)));
    }
    std::vector<Member> members;
    for (const space::PortfolioSet& set : space::portfolio_sets) {
        const auto found = logs.find(std::string(set.name));
        if (found == logs.end()) throw Error(text("a run of ", set.name, " is missing: give ", set.name, "=RUN"));
        for (Member& member : members_of(found->first, found->second)) members.push_back(std::move(member));
    }
    std::vector<std::vector<double>> errors;
    for (const space::PortfolioSet& set : space::portfolio_sets)
        errors.push_back(errors_on(logs.at(std::string(set.name)), members));
    for (std::size_t i = 0; i < members.size(); ++i) {
        std::vector<std::string> row;
        for (const std::vector<double>& of_set : errors) row.push_back(text(of_set[i]));
        std::printf("{\"%s\", {%s}, %s},\n", members[i].set.c_str(), join(row, ", ").c_str(),
                    initialiser(members[i].genome).c_str());
    }
    return 0;
}

} // namespace

int main(int count, char** words) {
    try {
        return make(count, words);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "make_portfolio: %s\n", error.what());
        return 1;
    }
}
