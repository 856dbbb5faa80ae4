using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Webmail.MailCore.Data.Migrations;

/// <summary>Flags, copies, moves, expunges, and the jobs behind them.</summary>
[DbContext(typeof(MailDbContext))]
[Migration("20261124080002_MailVerbs")]
internal sealed class MailVerbs : SqlMigration;
