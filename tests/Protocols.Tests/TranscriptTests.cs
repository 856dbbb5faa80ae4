using Webmail.Testing;
using Webmail.Testing.Transcripts;

namespace Webmail.Protocols.Tests;

/// <summary>Plays every file of Transcripts/PROTOCOL/, in plain text and again over TLS in splits of one to three octets.</summary>
public sealed class TranscriptTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Transcripts");

    /// <summary>While working on one protocol or feature: TRANSCRIPTS=smtp/dots plays only the files whose names begin so.</summary>
    private static readonly string Only = Environment.GetEnvironmentVariable("TRANSCRIPTS") ?? "";

    public static TheoryData<string, bool> All()
    {
        var all = new TheoryData<string, bool>();
        foreach (var path in Directory.EnumerateFiles(Folder, "*.txt", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var name = Path.GetRelativePath(Folder, path);
            if (!name.StartsWith(Only, StringComparison.Ordinal))
                continue;
            all.Add(name, false);
            if (!Read(name).OnlyPlain)
                all.Add(name, true);
        }

        return all;
    }

    [Theory]
    [MemberData(nameof(All))]
    public Task Plays(string name, bool overTls) => TranscriptRunner.RunAsync(Read(name), Path.GetDirectoryName(name)!, overTls, postgres);

    private static Transcript Read(string name) => Transcript.Parse(name, File.ReadLines(Path.Combine(Folder, name)));
}
