#include "bench/policy_trial.hpp"

#include <gtest/gtest.h>

#include "registry/registry_file.hpp"

namespace bench {
namespace {

using namespace std::chrono_literals;

const std::vector<ModelFile> kModels{{.id = "a", .artifact = "/models/one.gguf"}, {.id = "b", .artifact = "/models/one.gguf"}};

registry::Catalog catalog_of(const PolicyNumbers& numbers) {
  auto catalog = registry::read_catalog(registry_of(kModels, numbers).dump(), "/", "/");
  EXPECT_TRUE(catalog) << catalog.error().message();
  return catalog.value_or(registry::Catalog());
}

TEST(PolicyTrial, TheDaemonUnderstandsItsRegistry) {
  const auto catalog = catalog_of({.max_wait = 1250ms, .min_residency = 0ms});
  EXPECT_EQ(catalog.models.size(), 2u);
  EXPECT_FALSE(catalog.policy.first_come);
  EXPECT_EQ(catalog.policy.max_wait, 1250ms);
  EXPECT_EQ(catalog.policy.min_residency, 0ms);
}

TEST(PolicyTrial, NumbersThatAreNotGivenAreTheDaemonsOwn) {
  const auto catalog = catalog_of({});
  EXPECT_EQ(catalog.policy.max_wait, registry::Policy().max_wait);
  EXPECT_FALSE(catalog.policy.min_residency);
}

TEST(PolicyTrial, PlainOrderIsASwitch) { EXPECT_TRUE(catalog_of({.first_come = true}).policy.first_come); }

}  // namespace
}  // namespace bench
