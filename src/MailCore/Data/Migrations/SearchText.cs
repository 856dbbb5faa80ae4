using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Webmail.MailCore.Data.Migrations;

/// <summary>What SEARCH compares: a message's header fields beside its body, and how far the job is.</summary>
[DbContext(typeof(MailDbContext))]
[Migration("20261124090000_SearchText")]
internal sealed class SearchText : SqlMigration;
