// SPDX-License-Identifier: Apache-2.0
// Pruned networks in fixed point: zeros stay zeros, and evaluate as dense layers with zeros do.
#include "host.hpp"
#include "load_data.hpp"
#include "tinysparse/fixed/model_file.hpp"
#include "tinysparse/quantise/train.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;

namespace {

quantise::Trained trained(prune::Method method, bool posterior_bits = false) {
    quantise::TrainOptions options;
    options.epochs = 6;
    options.batch = 16;
    options.learning_rate = 0.01;
    options.quantise_from = 0.7;
    options.pruning = prune::Options{};
    options.pruning->method = method;
    options.pruning->keep = 0.3;
    options.posterior_bits = posterior_bits;
    return quantise::train(net::parse("A2 C6k3 M2 =a C6k3 +a D3 C8k1 M2 F12 F10", {1, 28, 28}), strokes(800), options);
}

} // namespace

TEST_CASE("quantisation-aware training keeps the masks, and the integer network is the one that was judged") {
    for (const prune::Method method : {prune::Method::sparse_vd, prune::Method::magnitude, prune::Method::filter_l1}) {
        CAPTURE(std::string(prune::name_of(method)));
        const quantise::Trained result = trained(method);
        const fixed::Model& model = result.model;
        std::size_t zeros = 0;
        for (std::size_t i = 0; i < model.float_layers.size(); ++i) {
            const fixed::FloatLayer& floats = model.float_layers[i];
            REQUIRE(floats.mask.size() == floats.weights.size());
            for (std::size_t k = 0; k < floats.mask.size(); ++k) {
                if (floats.mask[k]) continue;
                ++zeros;
                CHECK(floats.weights[k] == 0);
                CHECK(model.network.layers[i].weights[k] == 0);
            }
        }
        if (method != prune::Method::filter_l1) CHECK(zeros > 0);
        // The float network on grids gave this accuracy; the kernels of the device give the same.
        const data::Split& judged = strokes(800).validation;
        CHECK(host_accuracy(model.network, judged) == doctest::Approx(result.validation_accuracy.value()));
        const fixed::Model read = fixed::decode_model(fixed::encode_model(model), "pruned");
        CHECK(read.float_layers[0].mask == model.float_layers[0].mask);
    }
}

TEST_CASE("a training that begins from a pruned model keeps its zeros") {
    const fixed::Model first = trained(prune::Method::magnitude).model;
    quantise::TrainOptions options;
    options.epochs = 2;
    options.learning_rate = 0.003;
    options.init = &first;
    const fixed::Model second = quantise::train(first.network.spec, strokes(800), options).model;
    for (std::size_t i = 0; i < first.float_layers.size(); ++i) {
        CHECK(second.float_layers[i].weights != first.float_layers[i].weights);
        REQUIRE(second.float_layers[i].mask.size() == first.float_layers[i].mask.size());
        for (std::size_t k = 0; k < first.float_layers[i].mask.size(); ++k)
            if (!first.float_layers[i].mask[k]) CHECK(second.network.layers[i].weights[k] == 0);
    }
}

TEST_CASE("groups that left are not in the model") {
    const quantise::Trained result = trained(prune::Method::filter_l1);
    const net::Spec& spec = result.model.network.spec;
    CHECK(spec.layers[0].outputs < 6);
    CHECK(spec.layers[0].outputs == spec.layers[1].outputs); // bound by the residual sum
    CHECK(result.pruned[0].outputs == 6);
    CHECK(int(result.pruned[0].channels) == spec.layers[0].outputs);
}

TEST_CASE("a Bayesian method may choose the bits of each layer") {
    const quantise::Trained result = trained(prune::Method::bayes_gnj, true);
    REQUIRE(result.bits.size() == result.model.network.spec.layers.size());
    for (std::size_t i = 0; i < result.bits.size(); ++i)
        CHECK(result.model.network.spec.layers[i].bits == (result.bits[i] <= 4 ? 4 : 8));
}
