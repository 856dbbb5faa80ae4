using System.Globalization;
using System.Text;
using Webmail.MailCore.Jobs;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store;
using Webmail.MailCore.Store.Search;
using Webmail.MailCore.Tests.Store;
using Webmail.Testing;

namespace Webmail.MailCore.Tests.Search;

/// <summary>SEARCH gives the same answer with all, none or some of the messages indexed: the answer of a naive evaluation.</summary>
public sealed class SearchRunnerTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private const string Chinese =
        "From: =?utf-8?b?5p2O5Zub?= <lisi@sina.com>\nSubject: =?gb2312?b?xOO6ww==?=\nMIME-Version: 1.0\nContent-Type: text/plain; charset=gb2312\n"
        + "Content-Transfer-Encoding: base64\n\nxOO6w6OsysC95w==\n";

    private const string Html =
        "From: Ann <ann@example.test>\nTo: bob@example.test\nSubject: Fwd: weekly\n report\nX-Tag: alpha beta\nContent-Type: multipart/mixed; boundary=b\n\n"
        + "--b\nContent-Type: text/html; charset=utf-8\n\n<p>Quarterly <b>fig</b>ures &amp; caf\u00c3\u00a9</p>\n--b\nContent-Type: application/pdf; name=\"r.pdf\"\n"
        + "Content-Disposition: attachment; filename*=utf-8''%C3%A9t%C3%A9.pdf\nContent-Transfer-Encoding: base64\n\nAAAA\n--b--\n";

    private const string Plain = "From: Bob <bob@example.test>\nCc: ann@example.test\nBcc: secret@example.test\nSubject: hello\nDate: Mon, 5 Feb 2024 23:30:00 -0800\n\nlong\nline\n";

    private static byte[] Octets(string latin1) => Encoding.Latin1.GetBytes(latin1.ReplaceLineEndings("\r\n"));

    private static async Task<(Node Node, AccountMail Mail, MailboxId Inbox)> WorldAsync(PostgresFixture postgres)
    {
        var node = await Node.StartAsync(postgres);
        var mail = await node.AccountAsync();
        var inbox = await mail.InboxAsync();
        var items = new List<AppendItem>();
        foreach (var message in new[] { Chinese, Html, Plain })
            items.Add(new(await node.MessageAsync(Octets(message)), items.Count == 1 ? FlagSet.Seen : FlagSet.None, new DateTimeOffset(2024, 2, 6 + items.Count, 1, 0, 0, TimeSpan.FromHours(2))));
        await mail.Messages.AppendAsync(inbox, items, default);
        return (node, mail, inbox);
    }

    public static TheoryData<string, SearchQuery> Queries => new()
    {
        { "1:3", SearchQuery.All },
        { "1", new TextContains(TextField.Subject, "你好") },
        { "1", new TextContains(TextField.From, "李四") },
        { "1", new TextContains(TextField.Body, "世") },
        { "1", new TextContains(TextField.Text, "5p2O5Zub") },
        { "2", new TextContains(TextField.Body, "FIGURES & CAFÉ") },
        { "2", new TextContains(TextField.Body, "été.pdf") },
        // RFC 5051: compared decomposed, so that "é" begins with "e", and isn't found in it.
        { "2", new TextContains(TextField.Body, "cafe") },
        { "", new TextContains(TextField.Body, "figurés") },
        { "2", new TextContains(TextField.Subject, "weekly report") },
        { "3", new TextContains(TextField.Body, "LONG LINE") },
        { "2", new TextContains(TextField.To, "bob@") },
        { "2:3", new TextContains(TextField.Text, "bob@") },
        { "3", new TextContains(TextField.Cc, "ann") },
        { "3", new TextContains(TextField.Bcc, "SECRET") },
        { "2", new HeaderContains("x-tag", "beta") },
        { "2", new HeaderContains("X-Tag", "") },
        { "", new HeaderContains("X-Tag", "bob") },
        { "", new HeaderContains("X-Ta", "") },
        { "2", new HasAttachment() },
        { "2", new HasFlags(FlagSet.Seen) },
        { "1,3", new NotQuery(new HasFlags(FlagSet.Seen)) },
        { "", new HasKeyword("$nothing") },
        { "1,3", new NotQuery(new TextContains(TextField.Body, "figures")) },
        { "1:2", new OrQuery([new TextContains(TextField.Body, "figures"), new TextContains(TextField.Subject, "你")]) },
        { "2", new AndQuery([new UidIn(UidSet.Range(new(2), new(9))), new NotQuery(new TextContains(TextField.Subject, "HELLO"))]) },
        { "3", new DayBetween(DateField.Sent, new(2024, 2, 5), new(2024, 2, 6)) },
        { "1:2", new NotQuery(new DayBetween(DateField.Sent, new(2000, 1, 1), null)) },
        { "2", new DayBetween(DateField.Received, new(2024, 2, 7), new(2024, 2, 8)) },
        { "1:3", new DayBetween(DateField.Saved, new(2024, 3, 1), null) },
        { "1:3", new YoungerThan(TimeSpan.FromDays(40_000)) },
        { "", new YoungerThan(TimeSpan.FromDays(1)) },
        { "1,3", new SizeSmallerThan(300) },
        { "2", new SizeLargerThan(300) },
        { "", new IdIs(false, "M1-ffff") },
        { "1:3", new OrQuery([new AllMessages(), new TextContains(TextField.Body, "x")]) },
        { "", new TextContains(TextField.Body, "\0\ud800") },
        { "2", new FuzzyText(TextField.Body, "cafe quarterly") },
        { "2", new FuzzyText(TextField.Body, "figures quartrely") },
        { "2", new FuzzyText(TextField.Subject, "report weekly") },
        { "", new FuzzyText(TextField.Text, "bbo") },
        { "3", new FuzzyText(TextField.Text, "hallo line") },
        { "1", new FuzzyText(TextField.Subject, "\u597d") },
        { "1,3", new NotQuery(new FuzzyText(TextField.Body, "figurs")) },
    };

    [Fact]
    public async Task EveryTermWithAndWithoutTheIndex()
    {
        var (node, mail, inbox) = await WorldAsync(postgres);
        await using var _ = node;
        foreach (var indexed in new[] { false, true })
        {
            if (indexed)
                Assert.Equal(3, await node.Get<IndexSearchText>().RunAsync(default));
            var snapshot = await mail.Messages.OpenAsync(inbox, default);
            foreach (var row in Queries)
            {
                var (expected, query) = row.Data;
                Assert.Equal((query.ToString(), expected, indexed), (query.ToString(), (await mail.Messages.SearchAsync(snapshot, query, default)).ToString(), indexed));
            }

            var rows = await mail.Messages.ReadRowsAsync(inbox, [new(2)], default);
            Assert.Equal("2", (await mail.Messages.SearchAsync(snapshot, new IdIs(true, rows[0].Thread), default)).ToString());
            Assert.Equal("2", (await mail.Messages.SearchAsync(snapshot, new IdIs(false, rows[0].Id.ToString()), default)).ToString());
        }

        Assert.Equal(0, await node.Get<IndexSearchText>().RunAsync(default));
    }

    [Fact]
    public async Task KeywordsAreFoundWithoutRegardToCaseAndCopiesShareTheirText()
    {
        var (node, mail, inbox) = await WorldAsync(postgres);
        await using var _ = node;
        var bits = await mail.Mailboxes.KeywordBitsAsync(["$Work"], default);
        await mail.Messages.ChangeFlagsAsync(inbox, UidSet.Of(new Uid(3)), new(FlagOperation.Add, bits), null, default);
        await mail.Messages.CopyAsync(inbox, UidSet.Of(new Uid(1)), inbox, default);
        await node.Get<IndexSearchText>().RunAsync(default);
        var snapshot = await mail.Messages.OpenAsync(inbox, default);
        Assert.Equal("3", (await mail.Messages.SearchAsync(snapshot, new HasKeyword("$wORK"), default)).ToString());
        Assert.Equal("1,4", (await mail.Messages.SearchAsync(snapshot, new TextContains(TextField.Subject, "你好"), default)).ToString());
    }

    [Fact]
    public async Task ALargeMessageIsFoundBeforeAndAfterIndexing()
    {
        await using var node = await Node.StartAsync(postgres);
        var mail = await node.AccountAsync();
        var inbox = await mail.InboxAsync();
        var message = Octets("Subject: big\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nneedle here\n--b\nContent-Type: application/zip; name=hay.zip\n\n"
            + new string('x', 70) + string.Concat(Enumerable.Repeat("\n" + new string('y', 70), 5_000)) + "\n--b--\n");
        await mail.Messages.AppendAsync(inbox, [new(await node.MessageAsync(message), FlagSet.None, null)], default);
        var snapshot = await mail.Messages.OpenAsync(inbox, default);
        for (var pass = 0; pass < 2; pass++)
        {
            Assert.Equal("1", (await mail.Messages.SearchAsync(snapshot, new TextContains(TextField.Body, "NEEDLE"), default)).ToString());
            Assert.Equal("1", (await mail.Messages.SearchAsync(snapshot, new TextContains(TextField.Body, "hay.zip"), default)).ToString());
            Assert.Equal("", (await mail.Messages.SearchAsync(snapshot, new TextContains(TextField.Body, "yyyy"), default)).ToString());
            Assert.Equal(1 - pass, await node.Get<IndexSearchText>().RunAsync(default));
        }
    }

    /// <summary>Random trees over messages of which some are indexed, against a straightforward reading of the query.</summary>
    [Fact]
    public async Task RandomQueriesAgreeWithANaiveReading()
    {
        await using var node = await Node.StartAsync(postgres);
        var mail = await node.AccountAsync();
        var inbox = await mail.InboxAsync();
        var random = new Random(20_261_124);
        var words = new[] { "alpha", "Beta", "γάμμα", "四五", "eta" };
        var model = new List<(string Subject, string From, string Body, FlagSet Flags, uint Size)>();
        for (var i = 0; i < 60; i++)
        {
            if (i == 30)
                await node.Get<IndexSearchText>().RunAsync(default);
            string Word() => words[random.Next(words.Length)];
            var (subject, from, body) = ($"{Word()} {Word()}", Word(), string.Create(CultureInfo.InvariantCulture, $"{Word()} {Word()}{i}"));
            var octets = Encoding.UTF8.GetBytes($"From: {from} <x@y>\r\nSubject: {subject}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n");
            var flags = new FlagSet(random.Next(32));
            await mail.Messages.AppendAsync(inbox, [new(await node.MessageAsync(octets), flags, null)], default);
            model.Add((subject, from, body, flags, (uint)octets.Length));
        }

        var snapshot = await mail.Messages.OpenAsync(inbox, default);
        for (var n = 0; n < 80; n++)
        {
            var query = RandomQuery(random, words, 4);
            var expected = UidSet.From(Enumerable.Range(0, model.Count).Where(i => Naive(query, i, model[i])).Select(i => new Uid((uint)i + 1)));
            Assert.Equal((query.ToString(), expected.ToString()), (query.ToString(), (await mail.Messages.SearchAsync(snapshot, query, default)).ToString()));
        }
    }

    private static SearchQuery RandomQuery(Random random, string[] words, int depth)
    {
        var word = words[random.Next(words.Length)];
        word = random.Next(3) == 0 ? word[..2] : random.Next(2) == 0 ? word.ToUpperInvariant() : word;
        return random.Next(depth > 0 ? 10 : 7) switch
        {
            0 => new HasFlags(new FlagSet(1L << random.Next(5))),
            1 => new UidIn(UidSet.Range(new((uint)random.Next(1, 60)), new((uint)random.Next(1, 60)))),
            2 => new SizeLargerThan(random.Next(80, 130)),
            3 => new TextContains(TextField.Subject, word),
            4 => new TextContains(TextField.From, word),
            5 => new TextContains(TextField.Body, word),
            6 => new HeaderContains("Subject", word),
            7 => new NotQuery(RandomQuery(random, words, depth - 1)),
            8 => new AndQuery([RandomQuery(random, words, depth - 1), RandomQuery(random, words, depth - 1)]),
            _ => new OrQuery([RandomQuery(random, words, depth - 1), RandomQuery(random, words, depth - 1), RandomQuery(random, words, depth - 1)]),
        };
    }

    private static bool Naive(SearchQuery query, int i, (string Subject, string From, string Body, FlagSet Flags, uint Size) message) => query switch
    {
        HasFlags flags => (message.Flags.Bits & flags.Flags.Bits) == flags.Flags.Bits,
        UidIn uids => uids.Uids.Any(uid => uid.Value == i + 1),
        SizeLargerThan size => message.Size > size.Octets,
        TextContains { Field: TextField.Subject } text => Has(message.Subject, text.Text),
        TextContains { Field: TextField.From } text => Has(message.From + " <x@y>", text.Text),
        TextContains text => Has(message.Body, text.Text),
        HeaderContains header => Has(message.Subject, header.Text),
        NotQuery not => !Naive(not.Term, i, message),
        AndQuery and => and.Terms.All(term => Naive(term, i, message)),
        OrQuery or => or.Terms.Any(term => Naive(term, i, message)),
        _ => throw new ArgumentException("No such term", nameof(query)),
    };

    private static bool Has(string text, string sought) =>
        text.Normalize(NormalizationForm.FormKD).ToUpperInvariant().Contains(sought.Normalize(NormalizationForm.FormKD).ToUpperInvariant(), StringComparison.Ordinal);
}
