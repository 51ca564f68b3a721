package copydesk;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.ar.ArabicAnalyzer;
import org.apache.lucene.analysis.ca.CatalanAnalyzer;
import org.apache.lucene.analysis.cjk.CJKAnalyzer;
import org.apache.lucene.analysis.cjk.CJKBigramFilter;
import org.apache.lucene.analysis.cjk.CJKWidthFilter;
import org.apache.lucene.analysis.da.DanishAnalyzer;
import org.apache.lucene.analysis.de.GermanAnalyzer;
import org.apache.lucene.analysis.el.GreekAnalyzer;
import org.apache.lucene.analysis.email.UAX29URLEmailTokenizer;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.apache.lucene.analysis.es.SpanishAnalyzer;
import org.apache.lucene.analysis.fi.FinnishAnalyzer;
import org.apache.lucene.analysis.fr.FrenchAnalyzer;
import org.apache.lucene.analysis.hu.HungarianAnalyzer;
import org.apache.lucene.analysis.it.ItalianAnalyzer;
import org.apache.lucene.analysis.miscellaneous.ASCIIFoldingFilter;
import org.apache.lucene.analysis.miscellaneous.RemoveDuplicatesTokenFilter;
import org.apache.lucene.analysis.nl.DutchAnalyzer;
import org.apache.lucene.analysis.no.NorwegianAnalyzer;
import org.apache.lucene.analysis.pattern.PatternCaptureGroupTokenFilter;
import org.apache.lucene.analysis.pt.PortugueseAnalyzer;
import org.apache.lucene.analysis.ro.RomanianAnalyzer;
import org.apache.lucene.analysis.ru.RussianAnalyzer;
import org.apache.lucene.analysis.sv.SwedishAnalyzer;
import org.apache.lucene.analysis.tr.TurkishAnalyzer;
import org.elasticsearch.index.analysis.PreBuiltAnalyzerProviderFactory;
import org.elasticsearch.index.analysis.PreConfiguredTokenFilter;
import org.elasticsearch.index.analysis.PreConfiguredTokenizer;
import org.elasticsearch.index.analysis.TokenFilterFactory;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;
import org.elasticsearch.indices.analysis.PreBuiltCacheFactory.CachingStrategy;
import org.elasticsearch.plugins.AnalysisPlugin;
import org.elasticsearch.plugins.Plugin;

/**
 * Gives Elasticsearch's minimal distribution the analyzers that the full one has built in, under the same names and
 * from the same Lucene classes. Only for tests.
 */
public class LanguageAnalyzers extends Plugin implements AnalysisPlugin {
    private static final Map<String, Supplier<Analyzer>> ANALYZERS = Map.ofEntries(
        Map.entry("arabic", ArabicAnalyzer::new),
        Map.entry("catalan", CatalanAnalyzer::new),
        Map.entry("cjk", CJKAnalyzer::new),
        Map.entry("danish", DanishAnalyzer::new),
        Map.entry("dutch", DutchAnalyzer::new),
        Map.entry("english", EnglishAnalyzer::new),
        Map.entry("finnish", FinnishAnalyzer::new),
        Map.entry("french", FrenchAnalyzer::new),
        Map.entry("german", GermanAnalyzer::new),
        Map.entry("greek", GreekAnalyzer::new),
        Map.entry("hungarian", HungarianAnalyzer::new),
        Map.entry("italian", ItalianAnalyzer::new),
        Map.entry("norwegian", NorwegianAnalyzer::new),
        Map.entry("portuguese", PortugueseAnalyzer::new),
        Map.entry("romanian", RomanianAnalyzer::new),
        Map.entry("russian", RussianAnalyzer::new),
        Map.entry("spanish", SpanishAnalyzer::new),
        Map.entry("swedish", SwedishAnalyzer::new),
        Map.entry("turkish", TurkishAnalyzer::new));

    @Override
    public List<PreBuiltAnalyzerProviderFactory> getPreBuiltAnalyzerProviderFactories() {
        List<PreBuiltAnalyzerProviderFactory> factories = new ArrayList<>();
        ANALYZERS.forEach((name, make) ->
            factories.add(new PreBuiltAnalyzerProviderFactory(name, CachingStrategy.LUCENE, make)));
        return factories;
    }

    /** The index in which Elasticsearch keeps API keys is made with these two. */
    @Override
    public List<PreConfiguredTokenizer> getPreConfiguredTokenizers() {
        return List.of(PreConfiguredTokenizer.singleton("uax_url_email", UAX29URLEmailTokenizer::new));
    }

    @Override
    public Map<String, AnalysisProvider<TokenFilterFactory>> getTokenFilters() {
        return Map.of("pattern_capture", (index, environment, name, settings) -> {
            Pattern[] patterns = settings.getAsList("patterns").stream().map(Pattern::compile).toArray(Pattern[]::new);
            boolean original = settings.getAsBoolean("preserve_original", true);
            return new TokenFilterFactory() {
                @Override
                public String name() {
                    return name;
                }

                @Override
                public TokenStream create(TokenStream stream) {
                    return new PatternCaptureGroupTokenFilter(stream, original, patterns);
                }
            };
        });
    }

    @Override
    public List<PreConfiguredTokenFilter> getPreConfiguredTokenFilters() {
        return List.of(
            PreConfiguredTokenFilter.singleton("asciifolding", true, ASCIIFoldingFilter::new),
            PreConfiguredTokenFilter.singleton("cjk_bigram", false, CJKBigramFilter::new),
            PreConfiguredTokenFilter.singleton("cjk_width", true, CJKWidthFilter::new),
            PreConfiguredTokenFilter.singleton("unique", false, RemoveDuplicatesTokenFilter::new));
    }
}
