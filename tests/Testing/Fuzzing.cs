using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using CsCheck;

namespace Webmail.Testing;

/// <summary>
/// What all fuzzers (classes called …Fuzz) have in common: good inputs, mutilated. They run for some thousand inputs, or for WEBMAIL_FUZZ_SECONDS each:
/// scripts/fuzz. A failure prints the input, made as small as can be, and the seed that makes it again.
/// </summary>
public static partial class Fuzzing
{
    /// <summary>0: not said.</summary>
    public static int Seconds { get; } = int.TryParse(Environment.GetEnvironmentVariable("WEBMAIL_FUZZ_SECONDS"), NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 0;

    /// <summary>Good inputs with up to six edits: octets cut out, words of the dictionary or any octets put in, or both.</summary>
    public static Gen<byte[]> Mutations(byte[][] corpus, params string[] dictionary)
    {
        byte[][] words = [.. dictionary.Select(Encoding.Latin1.GetBytes)];
        var piece = words.Length == 0 ? Gen.Byte.Array[1, 3] : Gen.OneOf(Gen.Int[0, words.Length - 1].Select(i => words[i]), Gen.Byte.Array[1, 3]);
        return from start in Gen.Int[0, corpus.Length - 1].Select(i => corpus[i])
               from edits in Gen.Select(Gen.Int[0, 2], Gen.Int[0, 100_000], piece).Array[0, 6]
               select Apply(start, edits);
    }

    /// <summary>Tries one input after the other.</summary>
    /// <param name="oracle">Throws when the answer is wrong.</param>
    /// <param name="inputs">How many, unless WEBMAIL_FUZZ_SECONDS says how long.</param>
    public static void Run<T>(Gen<T> generator, Action<T> oracle, int inputs)
    {
        if (Seconds > 0)
            generator.Sample(oracle, time: Seconds);
        else
            generator.Sample(oracle, iter: inputs);
    }

    /// <inheritdoc cref="Run"/>
    public static Task RunAsync<T>(Gen<T> generator, Func<T, Task> oracle, int inputs) =>
        Seconds > 0 ? generator.SampleAsync(oracle, time: Seconds) : generator.SampleAsync(oracle, iter: inputs);

    /// <summary>What the clients of the transcripts of a protocol send, a line each.</summary>
    public static byte[][] Transcribed(string protocol) =>
    [
        .. Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Transcripts", protocol), "*.txt").SelectMany(File.ReadLines)
            .Select(static line => Client().Match(line)).Where(static m => m.Success)
            .Select(static m => m.Groups["line"].Value.Replace("{{crlf}}", "\r\n", StringComparison.Ordinal))
            .Where(static line => line.Length < 2000).Distinct(StringComparer.Ordinal).Select(Encoding.UTF8.GetBytes),
    ];

    /// <summary>What the real clients of the end-to-end tests sent by IMAP, with numbers and words for what was left out.</summary>
    public static byte[][] SentByClients() =>
    [
        .. Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Sent"), "*.txt").SelectMany(File.ReadLines).Distinct(StringComparer.Ordinal)
            .Select(static line => Encoding.UTF8.GetBytes("a " + LeftOut().Replace(line, "12").Replace("\"…\"", "\"word\"", StringComparison.Ordinal))),
    ];

    private static byte[] Apply(byte[] start, (int Kind, int At, byte[] With)[] edits)
    {
        var octets = start.ToList();
        foreach (var (kind, place, with) in edits)
        {
            var at = octets.Count == 0 ? 0 : place % (octets.Count + 1);
            if (kind != 1)
                octets.RemoveRange(at, Math.Min(with.Length, octets.Count - at));
            if (kind != 0)
                octets.InsertRange(at, with);
        }

        return [.. octets];
    }

    [GeneratedRegex(@"^\w+\.?C[:+] (?<line>.*)$|^C[:+] (?<line>.*)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Client();

    [GeneratedRegex(@"(?<=[ (<\[{])n(?=[ )>\].}+]|$)", RegexOptions.None, 1000)]
    private static partial Regex LeftOut();
}
