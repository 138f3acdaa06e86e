// /v1/embeddings and /v1/rerank: what is asked for, out of a request's body, and what is answered. Pure; the engine's part is the embedder.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/json.hpp"
#include "common/result.hpp"
#include "worker/engine/vocabulary.hpp"
#include "worker/serve/served.hpp"

namespace worker::serve {

enum class EmbeddingSurface { embeddings, rerank };

struct EmbeddingRequest {
  EmbeddingSurface surface = EmbeddingSurface::embeddings;
  std::vector<std::vector<engine::Token>> texts;  // of a rerank: query and document in one, as the model reads pairs
  std::optional<std::size_t> dimensions;
  bool base64 = false;
  std::size_t top_n = 0;               // of a rerank
  std::vector<std::string> documents;  // of a rerank that wants them back; else empty
};

common::Result<EmbeddingRequest> parse_embedding_request(EmbeddingSurface surface, const Served& served, const std::string& body);

common::Json embedding_answer(const EmbeddingRequest& request, const Served& served, std::vector<std::vector<float>> vectors);

}  // namespace worker::serve
