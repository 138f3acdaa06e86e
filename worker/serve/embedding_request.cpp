#include "worker/serve/embedding_request.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <format>
#include <numeric>

#include "worker/serve/base64.hpp"
#include "worker/serve/fields.hpp"

namespace worker::serve {

using common::Error;
using common::ErrorKind;
using common::Json;
using common::Result;
using engine::Token;

namespace {

constexpr std::size_t kMaxTexts = 2048;  // OpenAI's limit

Result<void> check_purpose(EmbeddingSurface surface, const Served& served) {
  const Purpose wanted = surface == EmbeddingSurface::rerank ? Purpose::reranking : Purpose::embedding;
  if (served.facts.purpose == wanted) return {};
  const char* kind = wanted == Purpose::reranking ? "a reranking" : "an embedding";
  return common::fail(
      Error(ErrorKind::bad_request, std::format("{} is not {} model: it {}", served.facts.model, kind, what_it_does(served.facts.purpose)))
          .in("model"));
}

void check_size(Fields& body, const std::string& name, std::size_t tokens, const Served& served) {
  if (tokens == 0) body.refuse(name, "must not be empty");
  if (tokens <= served.facts.context_tokens) return;
  std::string message = std::format("{} is {} tokens long, but the context holds {} tokens", name, tokens, served.facts.context_tokens);
  body.refuse(Error(ErrorKind::context_length_exceeded, message).in(name));
}

std::vector<Token> tokens_in(Fields& body, const std::string& name, const Json& ids, const engine::Vocabulary& words) {
  std::vector<Token> tokens;
  for (const Json& id : ids) {
    if (!id.is_number_integer() || id.get<double>() < 0 || id.get<double>() >= words.size()) {
      body.refuse(name, std::format("must hold token ids from 0 to {}, not {}", words.size() - 1, shown(id)));
      break;
    }
    tokens.push_back(id.get<Token>());
  }
  return tokens;
}

// A string, a list of strings, a list of tokens, or a list of those.
void read_inputs(Fields& body, const Served& served, EmbeddingRequest& request) {
  const engine::Vocabulary& words = served.model->vocabulary();
  const Json* input = body.find("input");
  if (!input) return body.refuse("input", "is required");
  auto add = [&](const std::string& name, const Json& one) {
    if (one.is_string()) {
      request.texts.push_back(words.tokenize(one.get_ref<const std::string&>(), true, false));
    } else if (one.is_array()) {
      request.texts.push_back(tokens_in(body, name, one, words));
    } else {
      return body.refuse(name, "must be a string or an array of token ids, not " + shown(one));
    }
    check_size(body, name, request.texts.back().size(), served);
  };
  bool many = input->is_array() && (input->empty() || !(*input)[0].is_number());
  if (!many) return add("input", *input);
  if (input->empty()) return body.refuse("input", "must not be empty");
  if (input->size() > kMaxTexts) return body.refuse("input", std::format("may hold at most {} texts, not {}", kMaxTexts, input->size()));
  for (std::size_t i = 0; i < input->size() && !body.fault(); ++i) add(std::format("input[{}]", i), (*input)[i]);
}

void read_embeddings(Fields& body, const Served& served, EmbeddingRequest& request) {
  read_inputs(body, served, request);
  std::string format = body.string("encoding_format").value_or("float");
  if (format != "float" && format != "base64") body.refuse("encoding_format", "must be \"float\" or \"base64\", not \"" + format + "\"");
  request.base64 = format == "base64";
  auto most = static_cast<std::int64_t>(served.model->embedding_width());
  if (auto v = body.integer("dimensions", 1, most)) request.dimensions = static_cast<std::size_t>(*v);
}

std::string filled_in(std::string text, std::string_view place, const std::string& value) {
  for (auto at = text.find(place); at != std::string::npos; at = text.find(place, at + value.size())) text.replace(at, place.size(), value);
  return text;
}

// As the model was trained to read them: in the words of its template, or one after the other.
std::vector<Token> pair(const engine::Model& model, const std::string& query, const std::string& document) {
  const std::string words = model.rerank_template();
  if (words.empty()) return model.vocabulary().pair(query, document);
  // The document comes last: a query may speak of "{document}", and nobody's text is looked through for places.
  constexpr std::string_view kPlace = "{document}";
  const auto at = words.find(kPlace);
  std::string text = filled_in(words.substr(0, at), "{query}", query);
  if (at != std::string::npos) text += document + filled_in(words.substr(at + kPlace.size()), "{query}", query);
  return model.vocabulary().tokenize(text, false, true);
}

void read_rerank(Fields& body, const Served& served, EmbeddingRequest& request) {
  auto query = body.string("query");
  if (!query) body.refuse("query", "is required");
  const Json* documents = body.array("documents");
  if (!documents || documents->empty()) body.refuse("documents", "is required and must not be empty");
  if (documents && documents->size() > kMaxTexts)
    body.refuse("documents", std::format("may hold at most {} texts, not {}", kMaxTexts, documents->size()));
  if (body.fault()) return;
  for (std::size_t i = 0; i < documents->size() && !body.fault(); ++i) {
    std::string name = std::format("documents[{}]", i);
    const Json& document = (*documents)[i];
    const Json& text = document.is_object() && document.contains("text") ? document["text"] : document;
    if (!text.is_string()) return body.refuse(name, "must be a string or an object with a \"text\", not " + shown(document));
    request.documents.push_back(text.get<std::string>());
    request.texts.push_back(pair(*served.model, *query, request.documents.back()));
    check_size(body, name, request.texts.back().size(), served);
  }
  request.top_n = static_cast<std::size_t>(body.integer("top_n", 1, kMaxTexts).value_or(static_cast<std::int64_t>(documents->size())));
  if (!body.boolean("return_documents").value_or(false)) request.documents.clear();
}

std::uint64_t count(const EmbeddingRequest& request) {
  return std::accumulate(request.texts.begin(), request.texts.end(), std::uint64_t(0),
                         [](auto sum, const auto& text) { return sum + text.size(); });
}

// Length 1, so that a dot product is a cosine. Cutting a vector needs it anew.
void normalise(std::vector<float>& vector) {
  double sum = 0;
  for (float value : vector) sum += static_cast<double>(value) * static_cast<double>(value);
  if (sum <= 0) return;
  for (float& value : vector) value = static_cast<float>(static_cast<double>(value) / std::sqrt(sum));
}

// Little-endian float32, as OpenAI's SDKs read it.
std::string base64_of(const std::vector<float>& vector) {
  static_assert(std::endian::native == std::endian::little);
  return to_base64({reinterpret_cast<const char*>(vector.data()), vector.size() * sizeof(float)});
}

Json rerank_results(const EmbeddingRequest& request, const std::vector<std::vector<float>>& scores) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t(0));
  auto score = [&scores](std::size_t i) { return scores[i].empty() ? 0.0f : scores[i][0]; };
  std::ranges::stable_sort(order, [&score](std::size_t a, std::size_t b) { return score(a) > score(b); });
  order.resize(std::min(order.size(), request.top_n));
  Json results = Json::array();
  for (std::size_t i : order) {
    Json result{{"index", i}, {"relevance_score", score(i)}};
    if (!request.documents.empty()) result["document"] = {{"text", request.documents[i]}};
    results.push_back(std::move(result));
  }
  return results;
}

}  // namespace

Result<EmbeddingRequest> parse_embedding_request(EmbeddingSurface surface, const Served& served, const std::string& text) {
  auto json = common::parse_json(text);
  if (!json) return common::fail(json.error());
  if (!json->is_object()) return common::fail(ErrorKind::bad_request, "the body must be a JSON object, not " + shown(*json));
  auto purpose = check_purpose(surface, served);
  if (!purpose) return common::fail(purpose.error());
  Fields body(*json);
  auto model = body.string("model");
  if (model && *model != served.facts.model) {
    return common::fail(
        Error(ErrorKind::model_not_loaded, std::format("this worker serves {}, not {}", served.facts.model, *model)).in("model"));
  }
  EmbeddingRequest request{.surface = surface};
  surface == EmbeddingSurface::embeddings ? read_embeddings(body, served, request) : read_rerank(body, served, request);
  if (body.fault()) return common::fail(*body.fault());
  return request;
}

Json embedding_answer(const EmbeddingRequest& request, const Served& served, std::vector<std::vector<float>> vectors) {
  Json usage{{"prompt_tokens", count(request)}, {"total_tokens", count(request)}};
  if (request.surface == EmbeddingSurface::rerank) {
    return Json{
        {"model", served.facts.model}, {"object", "list"}, {"results", rerank_results(request, vectors)}, {"usage", std::move(usage)}};
  }
  Json data = Json::array();
  for (std::size_t i = 0; i < vectors.size(); ++i) {
    if (request.dimensions) vectors[i].resize(std::min(*request.dimensions, vectors[i].size()));
    normalise(vectors[i]);
    Json embedding = request.base64 ? Json(base64_of(vectors[i])) : Json(vectors[i]);
    data.push_back(Json{{"object", "embedding"}, {"index", i}, {"embedding", std::move(embedding)}});
  }
  return Json{{"object", "list"}, {"data", std::move(data)}, {"model", served.facts.model}, {"usage", std::move(usage)}};
}

}  // namespace worker::serve
