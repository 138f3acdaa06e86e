#include "proxy/tls/trust.hpp"

#include <gmock/gmock.h>

#include "tests/support/temp_folder.hpp"

namespace proxy::tls {
namespace {

using common::ErrorKind;
using testing::AllOf;
using testing::HasSubstr;

std::string problem(const std::filesystem::path& file) {
  auto trust = Trust::load(file);
  if (trust) return "it was read";
  EXPECT_EQ(trust.error().kind(), ErrorKind::peer_unavailable);
  return trust.error().message();
}

TEST(Trust, TheSystemsStoreNeedsNoFile) {
  auto trust = Trust::load({});
  ASSERT_TRUE(trust) << trust.error().message();
  EXPECT_TRUE(*trust);
}

TEST(Trust, AFileThatHoldsNoCertificatesIsSaidSoByName) {
  tests::TempFolder folder;
  const auto absent = folder.path() / "absent.pem";
  EXPECT_THAT(problem(absent), AllOf(HasSubstr(absent.string()), HasSubstr("No such file")));
  EXPECT_THAT(problem(folder.path()), AllOf(HasSubstr(folder.path().string()), HasSubstr("it is no file")));
  for (const char* text : {"", "words\n", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}) {
    const auto file = folder.write("ca.pem", text);
    EXPECT_THAT(problem(file), AllOf(HasSubstr(file.string()), HasSubstr("PEM is expected"))) << text;
  }
  const auto large = folder.write("large.pem", std::string((8 << 20) + 1, ' '));
  EXPECT_THAT(problem(large), HasSubstr("at most 8388608 are read"));
}

}  // namespace
}  // namespace proxy::tls
