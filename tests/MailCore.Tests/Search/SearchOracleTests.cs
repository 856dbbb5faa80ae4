using System.Globalization;
using System.Text;
using Webmail.MailCore.Jobs;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store;
using Webmail.MailCore.Store.Search;
using Webmail.MailCore.Tests.Store;
using Webmail.Testing;

namespace Webmail.MailCore.Tests.Search;

/// <summary>
/// SEARCH over more messages than a segment of the index holds, against what their authors wrote: nothing indexed, texts stored, a segment indexed and some behind
/// it, some expunged and purged. The answers are the same.
/// </summary>
public sealed class SearchOracleTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private const int Count = 2_200;

    private static readonly string[] Words =
    [
        "alpha", "Beta", "STRASSE", "straße", "İstanbul", "ısı", "istanbul", "café", "cafe\u0301", "naïve", "γάμμα", "Σίσυφος", "四五", "五六七", "日本語", "ひらがな", "ﬁne",
        "😀x", "한국", "re:", "100%", "a_b", "x", "Ünïcode", "㎏", "ｆｕｌｌ", "in\u00a0gap", "e\u0301e",
    ];

    /// <summary>What was written, before any encoding.</summary>
    private sealed record Written(string From, string? Subject, string Tag, string Body, string? File)
    {
        public byte[] Encode(int kind)
        {
            var text = new StringBuilder();
            text.Append(CultureInfo.InvariantCulture, $"From: {Encoded(From)} <a@example.test>\r\n");
            if (Subject is not null)
                text.Append(CultureInfo.InvariantCulture, $"Subject: {Encoded(Subject)}\r\n");
            // A field folded between its words.
            text.Append(CultureInfo.InvariantCulture, $"X-Tag: {Tag.Replace(" ", "\r\n ", StringComparison.Ordinal)}\r\nMIME-Version: 1.0\r\n");
            if (File is not null)
                text.Append("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n");
            text.Append(kind switch
            {
                0 => $"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{Body}",
                1 => $"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{Convert.ToBase64String(Encoding.UTF8.GetBytes(Body), Base64FormattingOptions.InsertLineBreaks)}",
                _ => $"Content-Type: text/html; charset=utf-8\r\n\r\n<div class=hidden-{kind}><b>{Body.Replace(" ", "</b> <i></i><b>", StringComparison.Ordinal)}</b></div>",
            }).Append("\r\n");
            if (File is not null)
                text.Append(CultureInfo.InvariantCulture, $"--b\r\nContent-Type: application/x-thing\r\nContent-Disposition: attachment; filename*=utf-8''{Uri.EscapeDataString(File)}\r\n\r\n...\r\n--b--\r\n");
            return Encoding.UTF8.GetBytes(text.ToString());
        }

        public static string Encoded(string text) => $"=?utf-8?B?{Convert.ToBase64String(Encoding.UTF8.GetBytes(text))}?=";
    }

    private static Written Write(Random random)
    {
        string Some(int most) => string.Join(' ', Enumerable.Range(0, random.Next(1, most + 1)).Select(_ => Words[random.Next(Words.Length)]));
        return new(Some(2), random.Next(5) == 0 ? null : Some(3), $"tag{random.Next(40)} {(char)('a' + random.Next(3))}b", Some(5), random.Next(4) == 0 ? Some(1) + ".pdf" : null);
    }

    private static string Folded(string text)
    {
        var folded = text.Normalize(NormalizationForm.FormKD).ToUpperInvariant();
        return string.Join(' ', folded.Split(default(char[]), StringSplitOptions.None)).Replace("  ", " ", StringComparison.Ordinal);
    }

    private static bool Has(string? text, string sought) => text is not null && Folded(text).Contains(Folded(sought), StringComparison.Ordinal);

    /// <summary>A field is found as it reads, and as it was sent.</summary>
    private static bool HasField(string? text, string rest, string sought) => text is not null && (Has(text + rest, sought) || Has(Written.Encoded(text) + rest, sought));

    private static bool Matches(SearchQuery query, Written message) => query switch
    {
        TextContains { Field: TextField.Subject } text => HasField(message.Subject, "", text.Text),
        TextContains { Field: TextField.From } text => HasField(message.From, " <a@example.test>", text.Text),
        TextContains { Field: TextField.Cc } => false,
        TextContains { Field: TextField.Body } text => Has(message.Body, text.Text) || Has(message.File, text.Text),
        TextContains text => Has(message.Subject, text.Text) || Has(message.From, text.Text) || Has(message.Tag, text.Text) || Has(message.Body, text.Text) || Has(message.File, text.Text),
        HeaderContains { Name: "x-tag" } header => Has(message.Tag, header.Text),
        HeaderContains header => HasField(message.Subject, "", header.Text),
        NotQuery not => !Matches(not.Term, message),
        AndQuery and => and.Terms.All(term => Matches(term, message)),
        OrQuery or => or.Terms.Any(term => Matches(term, message)),
        _ => throw new ArgumentException("No such term", nameof(query)),
    };

    private static string Needle(Random random, string from)
    {
        // Not between the halves of a character: a client can't send half of one.
        var runes = from.EnumerateRunes().ToArray();
        var start = random.Next(runes.Length);
        var length = Math.Min(runes.Length - start, random.Next(1, 8));
        // What stands around a text (line ends, tags) is no matter of these tests.
        var needle = string.Concat(runes.Skip(start).Take(length)).Trim();
        return random.Next(3) == 0 ? needle.ToUpperInvariant() : needle;
    }

    private static SearchQuery Query(Random random, IReadOnlyList<Written> written)
    {
        var message = written[random.Next(written.Count)];
        return random.Next(9) switch
        {
            0 => new TextContains(TextField.Subject, Needle(random, message.Subject ?? "")),
            1 => new TextContains(TextField.From, Needle(random, message.From)),
            2 or 3 => new TextContains(TextField.Body, Needle(random, message.Body)),
            4 => new HeaderContains("x-tag", Needle(random, message.Tag)),
            5 => new HeaderContains("Subject", Needle(random, message.Subject ?? "alpha")),
            6 => new NotQuery(new TextContains(TextField.Body, Needle(random, message.Body))),
            7 => new AndQuery([new TextContains(TextField.Body, Needle(random, message.Body)), new OrQuery([new TextContains(TextField.From, Needle(random, message.From)), new TextContains(TextField.Cc, "a")])]),
            // Long enough that no base64 and no name of a field holds it by chance.
            _ => new TextContains(TextField.Text, message.Tag),
        };
    }

    private static IEnumerable<SearchQuery> Fixed()
    {
        foreach (var word in Words)
            yield return new TextContains(TextField.Body, word);
        foreach (var needle in new[] { "", "ss", "ß", "i", "İ", "ı", "σ", "ς", "fi", "kg", "五", "日本", "e", "hidden", "<b>", ".PDF", "é", "\u0301", "😀", "no such thing", "ガ", "한" })
        {
            yield return new TextContains(TextField.Body, needle);
            yield return new TextContains(TextField.Subject, needle);
        }
    }

    [Fact]
    public async Task TheAnswerIsWhatWasWrittenHoweverMuchIsIndexed()
    {
        await using var node = await Node.StartAsync(postgres);
        var mail = await node.AccountAsync();
        var inbox = await mail.InboxAsync();
        var random = new Random(20_261_124);
        var written = new List<Written>();
        while (written.Count < Count)
        {
            var items = new List<AppendItem>();
            for (var i = 0; i < 100; i++)
            {
                written.Add(Write(random));
                items.Add(new(await node.MessageAsync(written[^1].Encode(random.Next(3))), FlagSet.None, null));
            }

            await mail.Messages.AppendAsync(inbox, items, default);
        }

        SearchQuery[] queries = [.. Fixed(), .. Enumerable.Range(0, 60).Select(_ => Query(random, written))];
        var snapshot = await mail.Messages.OpenAsync(inbox, default);
        async Task AssertAsync(string state, IEnumerable<SearchQuery> some)
        {
            foreach (var query in some)
            {
                var expected = UidSet.From(Enumerable.Range(0, Count).Where(i => snapshot.Find(new((uint)i + 1)) >= 0 && Matches(query, written[i])).Select(i => new Uid((uint)i + 1)));
                Assert.Equal((state, query.ToString(), expected.ToString()), (state, query.ToString(), (await mail.Messages.SearchAsync(snapshot, query, default)).ToString()));
            }
        }

        await AssertAsync("nothing is indexed", queries.Where((_, i) => i % 12 == 0));
        await node.Get<IndexSearchText>().RunAsync(default);
        await AssertAsync("texts are stored", queries);
        Assert.Equal(1, await node.Get<IndexSearchPages>().RunAsync(default));
        Assert.Equal(0, await node.Get<IndexSearchPages>().RunAsync(default));
        await AssertAsync("a segment is indexed", queries);

        // A text that was never stored: its message stands in no page, and is read.
        await node.RunAsync("delete from mail.search_text where message_id in (700, 2100); delete from mail.search_page; update mail.search_progress set segments = 0");
        Assert.Equal(1, await node.Get<IndexSearchPages>().RunAsync(default));
        await AssertAsync("two messages have no text", queries);

        await mail.Messages.RemoveAsync(inbox, UidSet.From(Enumerable.Range(1, Count).Where(i => i % 3 == 0).Select(i => new Uid((uint)i))), default);
        await node.RunAsync("update mail.expunged set at = now() - interval '15 days'");
        await node.Get<PurgeExpunged>().RunAsync(default);
        snapshot = await mail.Messages.OpenAsync(inbox, default);
        await AssertAsync("every third is gone", queries);
    }

    [Fact]
    public async Task SegmentsWithoutMessagesAreFreed()
    {
        await using var node = await Node.StartAsync(postgres);
        var mail = await node.AccountAsync();
        var inbox = await mail.InboxAsync();
        await mail.PutAsync(node, inbox, Count);
        await node.Get<IndexSearchText>().RunAsync(default);
        await node.Get<IndexSearchPages>().RunAsync(default);
        Assert.True(await node.ScalarAsync<bool>("select exists (select from mail.search_page)"));
        await mail.Messages.RemoveAsync(inbox, UidSet.Range(new(1), new(2_047)), default);
        await node.RunAsync("update mail.expunged set at = now() - interval '15 days'");
        await node.Get<PurgeExpunged>().RunAsync(default);
        Assert.False(await node.ScalarAsync<bool>("select exists (select from mail.search_page)"));
        var snapshot = await mail.Messages.OpenAsync(inbox, default);
        Assert.Equal("2048:2200", (await mail.Messages.SearchAsync(snapshot, new TextContains(TextField.Body, "Body"), default)).ToString());

        await node.Provisioning.DeleteAsync(new(1), default);
        Assert.False(await node.ScalarAsync<bool>("select exists (select from mail.search_progress) or exists (select from mail.search_text)"));
    }
}
